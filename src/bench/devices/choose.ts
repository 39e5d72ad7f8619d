import { EcfxError } from '../../errors.ts';
import type { DeviceName, EngineName, Hardware, Precision } from '../../engines/engine.ts';
import { deviceOf, devicesOf, knownEngines } from '../../engines/registry.ts';
import { failureOf, probeDevice, type DeviceProbe } from './probe.ts';

/** What a person asked to run on. */
export interface DeviceRequest {
  readonly engine: EngineName | 'all';
  /** By name, `all`, or none said: every device that is real hardware. */
  readonly devices: readonly DeviceName[] | 'all' | undefined;
  readonly precision: Precision;
}

/** A device that is here and will be measured on. */
export interface ChosenDevice {
  readonly engine: EngineName;
  readonly device: DeviceName;
  readonly hardware: Hardware;
  readonly versions: Readonly<Record<string, string>>;
}

export interface DeviceChoice {
  readonly chosen: readonly ChosenDevice[];
  /** Of the devices that `all` took in and that will not be measured on, a sentence each. */
  readonly skipped: readonly string[];
}

/**
 * Which devices of which engines to measure on, each asked in a process of its own whether it is here. Software that
 * stands in for a graphics card is taken only when it is named. Throws `EcfxError`: `usage` when no engine asked has a
 * device by that name, `unavailable` when one that was named is not here, or nothing is left.
 */
export async function chooseDevices(request: DeviceRequest): Promise<DeviceChoice> {
  const wanted = wantedDevices(request);
  const probes = await Promise.all(
    wanted.map(({ engine, device }) => probeDevice({ engine, device, last: 'forward' })),
  );
  const isNamed = request.engine !== 'all' && Array.isArray(request.devices);
  const chosen: ChosenDevice[] = [];
  const refused: EcfxError[] = [];
  for (const probe of probes) {
    const obstacle = obstacleTo(probe, request);
    if (!obstacle) chosen.push({ ...probe, hardware: probe.hardware! });
    else if (isNamed) throw obstacle;
    else refused.push(obstacle);
  }
  if (chosen.length === 0) throw nothingLeft(refused);
  const tellsSkipped = request.engine === 'all' || request.devices === 'all';
  return { chosen, skipped: tellsSkipped ? refused.map(({ message }) => `Skipped: ${message}.`) : [] };
}

function wantedDevices({ engine, devices }: DeviceRequest): { engine: EngineName; device: DeviceName }[] {
  const engines = engine === 'all' ? knownEngines : [engine];
  const pairs = engines.flatMap((name) => devicesOf(name).map((device) => ({ engine: name, device })));
  if (devices === undefined || devices === 'all') return pairs;
  for (const device of devices) {
    if (pairs.some((pair) => pair.device === device)) continue;
    throw new EcfxError('usage', `${engine} has no device “${device}”`, {
      suggestions: [`It has: ${[...new Set(pairs.map((pair) => pair.device))].join(', ')}.`],
    });
  }
  return pairs.filter(({ device }) => devices.includes(device));
}

/** Why a device will not be measured on. */
function obstacleTo(probe: DeviceProbe, { devices, precision }: DeviceRequest): EcfxError | undefined {
  const { engine, device, hardware } = probe;
  const place = `${engine} on ${device}`;
  const failure = failureOf(probe);
  if (failure || !hardware) {
    return new EcfxError('unavailable', `${place}: ${failure?.reason ?? 'it does not load'}`, {
      suggestions: [...(failure?.remedies ?? []), 'See what is here with: ecfx doctor'],
    });
  }
  if (hardware.isSoftware && !Array.isArray(devices)) {
    return new EcfxError(
      'unavailable',
      `${place}: ${hardware.name ?? 'it'} is software on the processor; it runs only when named (--device ${device})`,
    );
  }
  const isImpossible = precision === 'fp16' && hardware.hasHalfPrecision === false;
  if (isImpossible || !deviceOf(engine, device).precisions.includes(precision)) {
    return new EcfxError('unavailable', `${place}: it does not compute in ${precision}`, {
      suggestions: ['Use --precision fp32.'],
    });
  }
  return undefined;
}

function nothingLeft(refused: readonly EcfxError[]): EcfxError {
  const [first] = refused;
  if (refused.length === 1 && first) return first;
  return new EcfxError(
    'unavailable',
    `nothing to measure on. ${refused.map(({ message }) => message).join('; ')}`,
    { suggestions: ['See what is here, and how to get the rest, with: ecfx doctor'] },
  );
}
