/**
 * Where the time of a step goes on ONNX Runtime's CPU, beside what this machine could do at best: for each kind of layer
 * (a convolution with its norm and activation) the measured time, and the time that its arithmetic needs at the measured speed of a matrix product and its traffic
 * (every operand and result once) at the measured speed of memory. A fused or cached layer can beat the second.
 *
 * usage: node benchmarks/roofline.mjs [variant] [batch] [inference|training]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, min, sum } from 'simple-statistics';
import { countNodes, flops } from '../dist/src/analysis/count.js';
import { standardTrainingStep } from '../dist/src/analysis/training.js';
import { loadLibrary } from '../dist/src/engines/onnxruntime/library.js';
import { encodeModel } from '../dist/src/engines/onnxruntime/onnx/encode.js';
import { processorModel } from '../dist/src/engines/onnxruntime/processor-model.js';
import { createSession } from '../dist/src/engines/onnxruntime/session.js';
import { initializeWeights, randomInputs } from '../dist/src/engines/weights.js';
import { buildGraph, parseVariant } from '../dist/src/models/variants/variant.js';

const [name = 'b0:g16,e4,gn4', batchText = '16', mode = 'inference'] = process.argv.slice(2);
const batch = Number(batchText);
const threads = availableParallelism();
const ort = await loadLibrary();
const steps = 10;

const variant = parseVariant(name);
const graph = mode === 'training' ? standardTrainingStep(variant, batch, 'sgd') : buildGraph(variant, batch);

/** Seconds of each step, and of each node of the ONNX model in it (medians), by the node's name. */
async function profile(
  /** @type {import('../dist/src/engines/onnxruntime/onnx/model.js').OnnxModel} */ model,
  /** @type {Record<string, import('onnxruntime-node').Tensor>} */ feeds,
) {
  const folder = mkdtempSync(join(tmpdir(), 'ecfx-roofline-'));
  /** @type {import('../dist/src/engines/engine.js').CompileOptions} */
  const options = { weights: new Map(), threads, precision: 'fp32' };
  const { session } = await createSession(ort, 'cpu', encodeModel(model), {
    graph,
    model: { detours: [], copied: new Set(), ...model },
    options,
    overrides: { enableProfiling: true, profileFilePrefix: join(folder, 'profile') },
  });
  const seconds = [];
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    await session.run(feeds);
    seconds.push((performance.now() - start) / 1000);
  }
  session.endProfiling();
  const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8'));
  rmSync(folder, { recursive: true });
  await session.release();
  /** @type {Map<string, number[]>} */
  const durations = new Map();
  for (const { cat, name, dur } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = name.slice(0, -'_kernel_time'.length);
    durations.set(node, [...(durations.get(node) ?? []), dur / 1e6]);
  }
  // The first steps allocate.
  const nodes = new Map([...durations].map(([node, times]) => [node, median(times.slice(2))]));
  return { seconds: seconds.slice(2), nodes };
}

const tensor = (/** @type {Float32Array} */ values, /** @type {readonly number[]} */ shape) =>
  new ort.Tensor('float32', values, shape);

/** The same operator several times over, so that buffers are reused; seconds of the fastest. */
async function fastest(
  /** @type {string} */ operator,
  /** @type {readonly number[]} */ shape,
  /** @type {readonly number[]} */ constant,
) {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = new Float32Array(constant.reduce((product, extent) => product * extent, 1)).fill(1e-3);
  const { nodes } = await profile(
    {
      name: 'peak',
      metadata: {},
      nodes: Array.from({ length: 8 }, (_, index) => ({
        name: `peak.${index}`,
        operator,
        inputs: [index === 0 ? 'x' : `y${index}`, 'c'],
        outputs: [`y${index + 1}`],
      })),
      initializers: [{ name: 'c', shape: constant, type: 'float', values }],
      inputs: [{ name: 'x', shape }],
      outputs: [{ name: 'y8', shape }],
    },
    { x: tensor(new Float32Array(size).fill(0.5), shape) },
  );
  return min([...nodes.values()]);
}

const extent = 1024;
const peakFlops = (2 * extent ** 3) / (await fastest('MatMul', [extent, extent], [extent, extent]));
const elements = 16 * 2 ** 20;
const bandwidth = (2 * 4 * elements) / (await fastest('Add', [elements], [1]));

const weights = initializeWeights(graph, 1);
const values = randomInputs(graph, 1);
/** @type {Record<string, import('onnxruntime-node').Tensor>} */
const feeds = {};
for (const given of graph.tensors) {
  const value =
    given.kind === 'input' ? values.get(given.name) : graph.updates.has(given) && weights.get(given);
  if (value) feeds[given.name] = tensor(value, given.shape);
}
const measured = await profile(await processorModel(graph, { weights, threads, precision: 'fp32' }), feeds);

/** @type {Map<string, { seconds: number, flops: number, bytes: number }>} */
const kinds = new Map();
const kindOf = (/** @type {string} */ kind) => {
  const known = kinds.get(kind) ?? { seconds: 0, flops: 0, bytes: 0 };
  kinds.set(kind, known);
  return known;
};
/** @type {Map<string, string>} */
const kindOfNode = new Map();
for (const counts of countNodes(graph)) {
  const { node, bytesRead, bytesWritten } = counts;
  const layer = (node.scope.layer ?? node.scope.block ?? node.operator).split('.').at(-1) ?? '';
  const kind =
    node.pass === 'optimizer' ? 'optimizer' : `${layer}${node.pass === 'forward' ? '' : `, ${node.pass}`}`;
  kindOfNode.set(node.name, kind);
  const entry = kindOf(kind);
  entry.flops += flops(counts);
  entry.bytes += bytesRead + bytesWritten;
}
/** The graph node that an ONNX node was written for: the longest beginning of its name. */
const ownerOf = (/** @type {string} */ onnxNode) => {
  for (let end = onnxNode.length; end > 0; end--) {
    const kind = kindOfNode.get(onnxNode.slice(0, end));
    if (kind !== undefined && (end === onnxNode.length || /[/_:]/.test(onnxNode[end] ?? ''))) return kind;
  }
  return 'layout changes';
};
for (const [onnxNode, seconds] of measured.nodes) kindOf(ownerOf(onnxNode)).seconds += seconds;

const total = sum([...kinds.values()].map(({ seconds }) => seconds));
const row = (/** @type {readonly string[]} */ cells) => console.log(`| ${cells.join(' | ')} |`);
console.log(
  `${graph.name}, batch ${batch}, ${mode}, ${threads} threads: ${(median(measured.seconds) * 1000).toFixed(0)} ms a step ` +
    `with profiling; best measured: ${(peakFlops / 1e9).toFixed(0)} GFLOP/s, ${(bandwidth / 1e9).toFixed(1)} GB/s\n`,
);
row(['layers', 'ms', 'share', 'arithmetic alone, ms', 'traffic alone, ms', 'time / larger bound']);
row(['---', '---:', '---:', '---:', '---:', '---:']);
for (const [kind, entry] of [...kinds].sort(([, a], [, b]) => b.seconds - a.seconds)) {
  const share = entry.seconds / total;
  if (share < 0.005) continue;
  const arithmetic = entry.flops / peakFlops;
  const traffic = entry.bytes / bandwidth;
  const bound = Math.max(arithmetic, traffic);
  const milliseconds = [entry.seconds, arithmetic, traffic].map((seconds) => (seconds * 1000).toFixed(1));
  const [time = '', ...bounds] = milliseconds;
  row([
    kind,
    time,
    `${(100 * share).toFixed(1)} %`,
    ...bounds,
    bound === 0 ? '' : (entry.seconds / bound).toFixed(2),
  ]);
}
process.exit(0);
