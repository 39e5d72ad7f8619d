import { fork } from 'node:child_process';
import type { DeviceName, EngineName, Hardware } from '../../engines/engine.ts';
import { packageFile } from '../../package-root.ts';
import { describeDeath } from '../describe-death.ts';
import { absenceHere } from './platforms.ts';
import {
  probeStages,
  type ProbeMessage,
  type ProbeStage,
  type ProbeTask,
  type StageOutcome,
} from './probe-task.ts';

/** What is known of a device of an engine on this machine. */
export interface DeviceProbe {
  readonly engine: EngineName;
  readonly device: DeviceName;
  /** Null when the device did not load. */
  readonly hardware: Hardware | null;
  readonly versions: Readonly<Record<string, string>>;
  /** In the order of `probeStages`, up to the first that did not pass. */
  readonly stages: readonly StageOutcome[];
}

/** Long enough for drivers that compile shaders on a slow machine. */
const defaultSeconds = 60;

/**
 * Tries a device in a process of its own, unless no machine of this kind can have it, up to the stage `last`. A process that dies, or is not done after `seconds`, is
 * an outcome as well: the stage that it was in did not pass.
 */
export async function probeDevice(task: ProbeTask, seconds = defaultSeconds): Promise<DeviceProbe> {
  const absence = absenceHere(task.engine, task.device);
  if (absence) {
    const { engine, device } = task;
    const stage = { stage: 'loads' as const, passed: false, relativeError: null, ...absence };
    return { engine, device, hardware: null, versions: {}, stages: [stage] };
  }
  const stages: StageOutcome[] = [];
  let hardware: Hardware | null = null;
  let versions: Record<string, string> = {};
  const worker = fork(packageFile('dist', 'src', 'bench', 'devices', 'worker.js'), [JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let lastWords = '';
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  worker.on('message', (message: ProbeMessage) => {
    if (message.type === 'stage') stages.push(message.outcome);
    else ({ hardware, versions } = message);
  });
  let isOverdue = false;
  const limit = setTimeout(() => {
    isOverdue = true;
    worker.kill('SIGKILL');
  }, seconds * 1000);
  const death = await new Promise<string | undefined>((resolve) => {
    worker.once('error', (error) => resolve(`its process did not start: ${error.message}`));
    worker.once('close', (code, signal) => {
      if (isOverdue) resolve(`it was not done after ${seconds} s`);
      else resolve(code === 0 ? undefined : describeDeath('its process', code, signal, lastWords));
    });
  });
  clearTimeout(limit);
  if (death !== undefined) {
    const stage = nextStage(stages);
    if (stage) stages.push({ stage, passed: false, relativeError: null, reason: death, remedies: [] });
  }
  return { engine: task.engine, device: task.device, hardware, versions, stages };
}

/** The stage that a process was in. */
function nextStage(done: readonly StageOutcome[]): ProbeStage | undefined {
  return done.every(({ passed }) => passed) ? probeStages[done.length] : undefined;
}

/** The outcome that stopped a probe; undefined when all that was asked passed. */
export function failureOf({ stages }: DeviceProbe): StageOutcome | undefined {
  return stages.find(({ passed }) => !passed);
}
