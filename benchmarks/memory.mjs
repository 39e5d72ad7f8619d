/**
 * What a training step holds on ONNX Runtime's CPU at its peak, piece by piece: the process before the first step, what
 * liveness over the graph predicts, the copies that ecfx knows of, what liveness over the nodes that ONNX Runtime
 * executes adds to these, and the rest, which is its allocator. One batch a process: the peak of a process never falls.
 *
 * usage: node benchmarks/memory.mjs [variant] [batch]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { sum } from 'simple-statistics';
import { estimateMemory } from '../dist/src/analysis/memory.js';
import { standardTrainingStep } from '../dist/src/analysis/training.js';
import { loadLibrary } from '../dist/src/engines/onnxruntime/library.js';
import { encodeModel } from '../dist/src/engines/onnxruntime/onnx/encode.js';
import { processorModel } from '../dist/src/engines/onnxruntime/processor-model.js';
import { createSession } from '../dist/src/engines/onnxruntime/session.js';
import { initializeWeights, randomInputs } from '../dist/src/engines/weights.js';
import { size } from '../dist/src/graph/shape.js';
import { parseVariant } from '../dist/src/models/variants/variant.js';

const [name = 'b0', batch = '8'] = process.argv.slice(2);
const ort = await loadLibrary();
const graph = standardTrainingStep(parseVariant(name), Number(batch), 'sgd');
/** @type {import('../dist/src/engines/engine.js').CompileOptions} */
const options = {
  weights: initializeWeights(graph, 1),
  threads: availableParallelism(),
  precision: 'fp32',
};
const values = randomInputs(graph, 1);
const model = await processorModel(graph, options);
const folder = mkdtempSync(join(tmpdir(), 'ecfx-memory-'));
const { session } = await createSession(ort, 'cpu', encodeModel(model), {
  graph,
  model,
  options,
  overrides: {
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    optimizedModelFilePath: join(folder, 'executed.onnx'),
  },
});
/** @type {Record<string, import('onnxruntime-node').Tensor>} */
const feeds = {};
for (const given of graph.tensors) {
  const value =
    given.kind === 'input' ? values.get(given.name) : graph.updates.has(given) && options.weights.get(given);
  if (value) feeds[given.name] = new ort.Tensor('float32', value, given.shape);
}
const peak = () => process.resourceUsage().maxRSS * 1024;
const before = peak();
for (let step = 0; step < 4; step++) {
  const results = await session.run(feeds);
  for (const [tensor, next] of graph.updates) {
    const value = results[next.name];
    if (value) feeds[tensor.name] = value;
  }
}
const measured = peak();
session.endProfiling();

/** The nodes of the first step in the order in which they ran, with the bytes of what they gave. */
function executed() {
  const profile = readdirSync(folder).find((file) => file.startsWith('profile')) ?? '';
  const { graph: optimized } = onnxProto.onnx.ModelProto.decode(readFileSync(join(folder, 'executed.onnx')));
  const nodes = new Map((optimized?.node ?? []).map((node) => [node.name ?? '', node]));
  const bytes = new Map();
  for (const { cat, name, args } of JSON.parse(readFileSync(join(folder, profile), 'utf8'))) {
    const node = cat === 'Node' && name.endsWith('_kernel_time') && nodes.get(name.slice(0, -12));
    if (node && !bytes.has(node)) bytes.set(node, Number(args.output_size));
  }
  return [...bytes].map(([{ opType, input, output }, size]) => ({ opType, input, output, size }));
}

/** The most that is alive at once when every result lives until its last use; what leaves the step is not counted. */
function mostAlive() {
  const nodes = executed();
  const views = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);
  const leaving = new Set([...graph.outputs, ...graph.updates.values()].map(({ name }) => name));
  const roots = new Map();
  const lastUse = new Map();
  for (const [index, { opType, input, output }] of nodes.entries()) {
    const [from] = input;
    if (views.has(opType)) for (const view of output) roots.set(view, roots.get(from) ?? from);
    for (const value of [...input, ...output]) lastUse.set(roots.get(value) ?? value, index);
  }
  const alive = new Map();
  let most = 0;
  for (const [index, { output, size }] of nodes.entries()) {
    const [first] = output;
    if (!roots.has(first) && !leaving.has(first)) alive.set(first, size);
    most = Math.max(most, sum([...alive.values(), 0]));
    for (const value of [...alive.keys()]) if (lastUse.get(value) <= index) alive.delete(value);
  }
  return most;
}

const { gradients, activations } = estimateMemory(graph);
const predicted = gradients + activations;
const blocked = sum([...model.copied, { shape: [0] }].map(({ shape }) => 4 * size(shape)));
const state = 2 * sum([...graph.updates.keys()].map(({ shape }) => 4 * size(shape)));
const other = mostAlive() - predicted - blocked;
rmSync(folder, { recursive: true });
const known = before + predicted + blocked + state;
const cells = [before, predicted, blocked, state, other, measured - known - other, measured];
const row = (/** @type {readonly string[]} */ texts) => console.log(`| ${texts.join(' | ')} |`);
row([
  'network',
  'batch',
  'process',
  'graph',
  'blocked copies',
  'next state',
  'intermediates',
  'allocator',
  'measured',
  'predicted / measured',
]);
row(['---', ...Array(9).fill('---:')]);
row([name, batch, ...cells.map((bytes) => (bytes / 1e6).toFixed(0)), (known / measured).toFixed(2)]);
process.exit(0);
