import type { DeviceName, EngineName } from '../../engines/engine.ts';

/** A kind of machine, as node names it. */
export interface Platform {
  readonly system: NodeJS.Platform;
  readonly architecture: string;
}

/** Devices that ONNX Runtime is built with for some kinds of machine only, and which these are. */
const homes: Partial<Record<DeviceName, { isOn(platform: Platform): boolean; readonly remedy: string }>> = {
  coreml: { isOn: ({ system }) => system === 'darwin', remedy: 'It is for Macs with Apple silicon.' },
  dml: {
    isOn: ({ system }) => system === 'win32',
    remedy: 'It is for Windows 10 (1903) and newer, with a graphics card for Direct3D 12.',
  },
  cuda: {
    isOn: ({ system, architecture }) => system === 'linux' && architecture === 'x64',
    remedy: 'It needs Linux x64 with an NVIDIA card.',
  },
};

const here: Platform = { system: process.platform, architecture: process.arch };

/** Why a machine of this kind can never have a device, so that no process needs to try; undefined where it may. */
export function absenceHere(
  engine: EngineName,
  device: DeviceName,
  platform = here,
): { readonly reason: string; readonly remedies: readonly string[] } | undefined {
  const home = engine === 'onnxruntime' ? homes[device] : undefined;
  if (!home || home.isOn(platform)) return undefined;
  return { reason: 'this platform’s build is without it', remedies: [home.remedy] };
}
