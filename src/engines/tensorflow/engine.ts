import type { Device, Engine } from '../engine.ts';
import { createExecutable } from './executable.ts';
import type { Source } from './library.ts';
import { javascript } from './load/javascript.ts';
import { native } from './native/source.ts';
import { wasm } from './load/wasm.ts';
import { webgpu } from './load/webgpu.ts';

/** TensorFlow.js: the graph node by node, on whichever of its backends the device names. */
export const tensorflow: Engine = {
  name: 'tensorflow',
  devices: {
    cpu: deviceFrom(native('@tensorflow/tfjs-node')),
    cuda: deviceFrom(native('@tensorflow/tfjs-node-gpu')),
    webgpu: deviceFrom(webgpu),
    wasm: deviceFrom(wasm),
    js: deviceFrom(javascript),
  },
};

function deviceFrom(source: Source): Device {
  return {
    precisions: ['fp32'],
    packages: source.packages,
    hardware: () => source.hardware(),
    versions: () => source.versions(),
    compile: async (graph, options) => createExecutable(await source.load(options.threads), graph, options),
  };
}
