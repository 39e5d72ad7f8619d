import type { Device, Engine } from '../engine.ts';
import { cardModel } from './card-model.ts';
import { loadLibrary } from './library.ts';
import { compileOnProcessor } from './on-processor.ts';
import { compileOnWebgpu } from './on-webgpu.ts';
import { processorModel } from './processor-model.ts';
import { openProvider, providers, type ProviderName } from './provider.ts';
import { webgpuLowerings } from './webgpu-lowerings.ts';

/** ONNX Runtime: the graph as an ONNX model in one session. */
export const onnxruntime: Engine = {
  name: 'onnxruntime',
  devices: {
    cpu: {
      ...common('cpu'),
      compile: async (graph, options) =>
        compileOnProcessor('cpu', graph, await processorModel(graph, options), options),
    },
    webgpu: {
      ...common('webgpu'),
      precisions: ['fp32', 'fp16'],
      compile: async (graph, options) =>
        compileOnWebgpu(graph, cardModel(graph, options, webgpuLowerings), options),
    },
    cuda: plainDevice('cuda'),
    coreml: plainDevice('coreml'),
    dml: plainDevice('dml'),
  },
};

function common(name: ProviderName): Omit<Device, 'compile'> {
  return {
    precisions: ['fp32'],
    packages: ['onnxruntime-node'],
    async hardware() {
      await openProvider(name);
      return providers[name].hardware();
    },
    async versions() {
      const { env } = await loadLibrary();
      return { 'onnxruntime-node': env.versions.node ?? 'unknown' };
    },
  };
}

/** A device that gets standard operators only. */
function plainDevice(name: ProviderName): Device {
  return {
    ...common(name),
    precisions: ['fp32', 'fp16'],
    compile: async (graph, options) => compileOnProcessor(name, graph, cardModel(graph, options), options),
  };
}
