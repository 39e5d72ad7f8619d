import type { DeviceName, EngineName, Hardware } from '../engines/engine.ts';
import { devicesOf, knownEngines } from '../engines/registry.ts';
import { packageVersion } from '../package-root.ts';
import type { Environment, Machine, Noise } from '../results/machine-schema.ts';
import { failureOf, probeDevice, type DeviceProbe } from './devices/probe.ts';
import { probeStages, type ProbeStage, type StageOutcome } from './devices/probe-task.ts';
import { obstaclesToMeasuring } from './fitness.ts';
import { environmentBetween, readCounters } from './machine/environment.ts';
import { machineFacts } from './machine/facts.ts';
import { measureNoise } from './machine/noise.ts';
import { standardProtocol } from './protocol.ts';

/** Whether a device passed a stage; null where an earlier one stopped it. */
type Passed = Readonly<Record<ProbeStage, boolean | null>>;

export interface DeviceDiagnosis {
  readonly engine: EngineName;
  readonly device: DeviceName;
  /** Whether forward passes run and are right: enough for inference. */
  readonly usable: boolean;
  readonly hardware: Hardware | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly passed: Passed;
  /** The stage that it did not pass, why, and what to do; null when it passed all. */
  readonly failure: {
    readonly stage: ProbeStage;
    readonly reason: string;
    readonly remedies: readonly string[];
  } | null;
  /** Largest difference of the self-test's numbers from the definitions, relative; null when nothing was computed. */
  readonly relativeError: number | null;
}

export interface DoctorResult {
  readonly schema: 'ecfx.doctor/1';
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Machine;
  /** While the noise was measured, before the devices were tried. */
  readonly environment: Environment;
  /** How much fixed work scatters here now, and the smallest difference that a standard run could show. */
  readonly noise: Noise;
  /** What speaks against measuring here and now, a sentence each; none when it is fit. */
  readonly obstacles: readonly string[];
  readonly devices: readonly DeviceDiagnosis[];
}

/** Probes at a time: more would make each other late on a small machine. */
const atOnce = 2;

/**
 * Looks how noisy the machine is, then tries every device of every engine, each in a process of its own that is given
 * `seconds`. Never throws for a device that fails, hangs or dies: that is a finding.
 */
export async function diagnose(seconds: number): Promise<DoctorResult> {
  const pairs = knownEngines.flatMap((engine) => devicesOf(engine).map((device) => ({ engine, device })));
  // First, before the probes themselves make the machine busy.
  const machine = await machineFacts();
  const before = readCounters();
  const noise = measureNoise(standardProtocol);
  const environment = environmentBetween(before, readCounters());
  const devices: DeviceDiagnosis[] = [];
  for (let first = 0; first < pairs.length; first += atOnce) {
    const some = pairs.slice(first, first + atOnce);
    const probes = await Promise.all(some.map((pair) => probeDevice({ ...pair, last: 'training' }, seconds)));
    devices.push(...probes.map(diagnosisOf));
  }
  return {
    schema: 'ecfx.doctor/1',
    versions: { ecfx: packageVersion(), node: process.versions.node },
    machine,
    environment,
    noise,
    obstacles: obstaclesToMeasuring(machine, environment, noise),
    devices,
  };
}

function diagnosisOf(probe: DeviceProbe): DeviceDiagnosis {
  const { engine, device, hardware, versions, stages } = probe;
  const passed = Object.fromEntries(
    probeStages.map((stage) => [stage, outcomeOf(stages, stage)?.passed ?? null]),
  ) as Record<ProbeStage, boolean | null>;
  const failure = failureOf(probe);
  const errors = stages.flatMap(({ relativeError }) => (relativeError === null ? [] : [relativeError]));
  return {
    engine,
    device,
    usable: passed.forward === true,
    hardware,
    versions,
    passed,
    failure: failure
      ? { stage: failure.stage, reason: failure.reason ?? 'unknown', remedies: failure.remedies ?? [] }
      : null,
    relativeError: errors.length === 0 ? null : Math.max(...errors),
  };
}

function outcomeOf(stages: readonly StageOutcome[], stage: ProbeStage): StageOutcome | undefined {
  return stages.find((outcome) => outcome.stage === stage);
}
