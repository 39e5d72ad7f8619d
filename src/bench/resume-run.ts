import { EcfxError } from '../errors.ts';
import type { DeviceName, EngineName, Precision } from '../engines/engine.ts';
import { packageVersion } from '../package-root.ts';
import { finishedCells } from '../results/cells.ts';
import { appendRecord, dropUnfinishedLine, readRun } from '../results/run-file.ts';
import type { RunHeader } from '../results/schema.ts';
import { chooseDevices } from './devices/choose.ts';
import { machineFacts } from './machine/facts.ts';
import { endOf, writerOf } from './run-state.ts';
import { isStillWriting, thisWriter } from './writer.ts';

/**
 * Makes a run folder ready to go on. Returns null when the run is complete already.
 * Throws `EcfxError` (input) when it cannot be read, is still being written, or was begun on another machine or with
 * other versions, whose times would not belong together.
 */
export async function resumeRun(
  folder: string,
  command: readonly string[],
): Promise<{ path: string; header: RunHeader } | null> {
  const run = readRun(folder);
  const { path, header, records } = run;
  if (endOf(run)?.status === 'complete') return null;
  const writer = writerOf(run);
  if (writer && isStillWriting(writer)) {
    throw new EcfxError('input', `${folder} is still being measured, by process ${writer.pid}`, {
      suggestions: ['Wait for it, or stop it first.'],
    });
  }
  const differences = await differencesFrom(header);
  if (differences.length > 0) {
    throw new EcfxError('input', `${folder} was begun elsewhere: ${differences.join('; ')}`, {
      suggestions: ['Resume it where it was begun, or measure anew.'],
    });
  }
  dropUnfinishedLine(path);
  appendRecord(path, {
    type: 'resume',
    startedAt: new Date().toISOString(),
    command: [...command],
    writer: thisWriter(),
    finished: finishedCells(records).length,
  });
  return { path, header };
}

async function differencesFrom({ machine, versions, subjects }: RunHeader): Promise<string[]> {
  const here = await machineFacts();
  const facts = ['cpu', 'architecture', 'logicalCores', 'operatingSystem'] as const;
  const machineDiffers = facts.flatMap((fact) =>
    here[fact] === machine[fact] ? [] : [`${fact} ${String(machine[fact])}, here ${String(here[fact])}`],
  );
  const now: Record<string, string> = { ecfx: packageVersion(), node: process.versions.node };
  const devices = new Map(
    subjects.map((subject) => [`${subject.engine} ${subject.device}`, subject] as const),
  );
  for (const { engine, device, precision } of devices.values()) {
    const { chosen } = await chooseDevices({
      engine: engine as EngineName,
      devices: [device] as DeviceName[],
      precision: precision as Precision,
    });
    for (const each of chosen) Object.assign(now, each.versions);
  }
  const versionsDiffer = Object.entries(versions).flatMap(([name, version]) =>
    now[name] === version ? [] : [`${name} ${version}, here ${now[name] ?? 'none'}`],
  );
  return [...machineDiffers, ...versionsDiffer];
}
