import {
  deviceNames,
  engineNames,
  type Device,
  type DeviceName,
  type Engine,
  type EngineName,
} from './engine.ts';
import { onnxruntime } from './onnxruntime/engine.ts';
import { tensorflow } from './tensorflow/engine.ts';

/** Every engine there is. */
const engines: Readonly<Partial<Record<EngineName, Engine>>> = { onnxruntime, tensorflow };

/** A device of an engine by their names, as a run file gives them. Throws when there is none such. */
export function deviceOf(engine: string, device: string): Device {
  const found = engines[engine as EngineName]?.devices[device as DeviceName];
  if (!found) throw new Error(`the engine ${engine} has no device ${device}`);
  return found;
}

/** The engines that there are, in the order of their names' list. */
export const knownEngines: readonly EngineName[] = engineNames.filter((name) => engines[name]);

/** The devices that an engine drives, whether or not they are here. */
export function devicesOf(engine: EngineName): DeviceName[] {
  return deviceNames.filter((device) => engines[engine]?.devices[device]);
}
