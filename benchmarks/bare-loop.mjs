/**
 * Does ecfx's harness cost anything? Steps of the same network through ecfx's engine and through a bare
 * onnxruntime-node session over the exported file, in turn within one process; prints the ratio of their speeds.
 *
 * usage: node benchmarks/bare-loop.mjs [variant] [batch] [pairs]
 */
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { median, quantile } from 'simple-statistics';
import { exportOnnx } from '../dist/src/engines/onnxruntime/export.js';
import { deviceOf } from '../dist/src/engines/registry.js';
import { initializeWeights, randomInputs } from '../dist/src/engines/weights.js';
import { buildGraph, parseVariant } from '../dist/src/models/variants/variant.js';

const [variant = 'efficientnet-b0', batch = '16', pairs = '40'] = process.argv.slice(2);
const seed = 1;
const threads = availableParallelism();
const graph = buildGraph(parseVariant(variant), Number(batch));
const inputs = randomInputs(graph, seed);

const executable = await deviceOf('onnxruntime', 'cpu').compile(graph, {
  weights: initializeWeights(graph, seed),
  threads,
  precision: 'fp32',
});
const step = executable.bind(inputs);
const ecfxStep = () => step.advance();

const session = await InferenceSession.create(exportOnnx(graph, seed), { intraOpNumThreads: threads });
const [name = ''] = session.inputNames;
const shape = graph.tensors.find((tensor) => tensor.name === name)?.shape ?? [];
const feeds = { [name]: new Tensor('float32', inputs.get(name) ?? new Float32Array(), shape) };
const bareStep = async () => {
  await session.run(feeds);
};

/** Three steps; one goes before, untimed, because the other session's threads still spin for a while. */
const time = async (/** @type {() => Promise<unknown>} */ step) => {
  await step();
  const start = performance.now();
  for (let count = 0; count < 3; count++) await step();
  return performance.now() - start;
};
for (let count = 0; count < 5; count++) {
  await ecfxStep();
  await bareStep();
}
const ratios = [];
for (let pair = 0; pair < Number(pairs); pair++) {
  // Turn about, so that neither side always follows the other.
  const first = await time(pair % 2 === 0 ? ecfxStep : bareStep);
  const second = await time(pair % 2 === 0 ? bareStep : ecfxStep);
  ratios.push(pair % 2 === 0 ? second / first : first / second);
}
const spread = [0.25, 0.75].map((p) => quantile(ratios, p).toFixed(3));
console.log(
  `${graph.name}, batch ${batch}: ecfx is ${median(ratios).toFixed(3)} × as fast as a bare loop ` +
    `(median of ${ratios.length} pairs; half of them lie between ${spread.join(' and ')})`,
);
process.exit(0);
