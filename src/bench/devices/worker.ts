/**
 * Entry point of a probing process: tries what the device named in its argument can do, and tells each outcome at once.
 * A process of its own, because a library or driver may hang or bring the process down.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EcfxError } from '../../errors.ts';
import type { Device } from '../../engines/engine.ts';
import { deviceOf } from '../../engines/registry.ts';
import { probeStages, type ProbeMessage, type ProbeStage, type ProbeTask } from './probe-task.ts';
import { testAbility } from './self-test.ts';

const task = JSON.parse(process.argv[2] ?? '') as ProbeTask;

// The parent died: nobody waits.
process.on('disconnect', () => process.exit(1));

const device = deviceOf(task.engine, task.device);
for (const stage of probeStages.slice(0, probeStages.indexOf(task.last) + 1)) {
  try {
    const relativeError = await tryStage(device, stage);
    await tell({ type: 'stage', outcome: { stage, passed: true, relativeError } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedies = error instanceof EcfxError ? error.suggestions : [];
    await tell({ type: 'stage', outcome: { stage, passed: false, relativeError: null, reason, remedies } });
    break;
  }
}
process.exit(0);

async function tryStage(asked: Device, stage: ProbeStage): Promise<number | null> {
  if (stage === 'installed') {
    requireInstalled(asked.packages);
    return null;
  }
  if (stage === 'loads') {
    await tell({ type: 'device', hardware: await asked.hardware(), versions: await asked.versions() });
    return null;
  }
  return testAbility(asked, stage);
}

function requireInstalled(packages: readonly string[]): void {
  if (packages.some(isInstalled)) return;
  throw new EcfxError('unavailable', `the package ${packages.join(' or ')} is not installed`, {
    suggestions: packages.map((name) => `Install it with: npm install ${name}`),
  });
}

/** Beside ecfx, or in the project that it is run in. */
function isInstalled(name: string): boolean {
  return [
    () => import.meta.resolve(name),
    () => createRequire(join(process.cwd(), 'project.js')).resolve(name),
  ].some((resolve) => {
    try {
      resolve();
      return true;
    } catch {
      return false;
    }
  });
}

/** Resolves when the message is on its way: the process may end with the next stage. */
function tell(message: ProbeMessage): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}
