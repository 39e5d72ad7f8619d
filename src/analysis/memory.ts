import { tensorsOfKind, type Graph, type Node, type Tensor } from '../graph/graph.ts';
import { size } from '../graph/shape.ts';
import { bytesPerElement } from './count.ts';

/** Bytes, by what they hold. */
export interface MemoryParts {
  readonly parameters: number;
  /** Running statistics and constants. */
  readonly buffers: number;
  readonly optimizerState: number;
  readonly inputs: number;
  /** Of parameters: what the optimizer waits for. */
  readonly gradients: number;
  /** Results of the forward pass and the gradients that travel back through them. */
  readonly activations: number;
}

export interface MemoryEstimate extends MemoryParts {
  /** The sum of the parts, at the node where it is largest. */
  readonly peak: number;
  /** The node at which that is. */
  readonly peakAt: string;
  /** Forward results that the backward pass needs again, all of them; 0 for inference. */
  readonly savedActivations: number;
}

/**
 * Least memory that a graph needs when its nodes run in order, every tensor lives from its computation to its last
 * use, views share memory, and updated state takes the place of the old. An engine needs more: it keeps old and new
 * state apart, works on intermediates of its own and rounds its allocations up.
 */
export function estimateMemory(graph: Graph): MemoryEstimate {
  const fixed = residentParts(graph);
  const resident = fixed.parameters + fixed.buffers + fixed.optimizerState + fixed.inputs;
  const roots = viewRoots(graph.nodes);
  const lastUse = lastUses(graph, roots);
  const successors = new Set(graph.updates.values());
  const alive = { gradients: 0, activations: 0 };
  let best = { ...alive };
  let peak = resident;
  let peakAt = '';
  for (const [index, node] of graph.nodes.entries()) {
    const part = node.pass === 'weightGradient' ? 'gradients' : 'activations';
    // The successor of a piece of state is written where the state was.
    const fresh = node.outputs.filter((output) => roots.get(output) === output && !successors.has(output));
    for (const output of fresh) alive[part] += bytesOf(output);
    if (resident + alive.gradients + alive.activations > peak) {
      peak = resident + alive.gradients + alive.activations;
      peakAt = node.name;
      best = { ...alive };
    }
    for (const { tensor, producer } of lastUse.get(index) ?? []) {
      if (successors.has(tensor)) continue;
      alive[producer.pass === 'weightGradient' ? 'gradients' : 'activations'] -= bytesOf(tensor);
    }
  }
  return { ...fixed, ...best, peak, peakAt, savedActivations: savedBytes(graph, roots) };
}

/**
 * The largest batch whose peak fits into `bytes`; 0 when not even two images do. `peakAt` gives the peak of a batch of
 * two or more, and must not fall when the batch grows.
 */
export function largestBatch(bytes: number, peakAt: (batch: number) => number): number {
  let fits = { batch: 0, peak: 0 };
  let exceeds = { batch: 2, peak: peakAt(2) };
  while (exceeds.peak <= bytes) {
    fits = exceeds;
    exceeds = { batch: 2 * fits.batch, peak: peakAt(2 * fits.batch) };
  }
  if (fits.batch === 0) return 0;
  while (exceeds.batch - fits.batch > 1) {
    // The peak is linear in the batch but for a few corners, so interpolation gets there in two or three steps.
    const share = (bytes - fits.peak) / (exceeds.peak - fits.peak);
    const guess = Math.floor(fits.batch + share * (exceeds.batch - fits.batch));
    const batch = Math.min(exceeds.batch - 1, Math.max(fits.batch + 1, guess));
    const peak = peakAt(batch);
    if (peak <= bytes) fits = { batch, peak };
    else exceeds = { batch, peak };
  }
  return fits.batch;
}

function residentParts(graph: Graph) {
  const total = (...kinds: Tensor['kind'][]) =>
    kinds
      .flatMap((kind) => tensorsOfKind(graph, kind))
      .reduce((sum: number, tensor: Tensor) => sum + bytesOf(tensor), 0);
  return {
    parameters: total('parameter'),
    buffers: total('buffer', 'constant'),
    optimizerState: total('slot'),
    inputs: total('input'),
  };
}

/** The tensor whose memory each computed tensor uses: its own, or that of what it is a view of. */
function viewRoots(nodes: readonly Node[]): ReadonlyMap<Tensor, Tensor> {
  const roots = new Map<Tensor, Tensor>();
  for (const node of nodes) {
    const viewed = node.operator.name === 'reshape' ? node.operands['input'] : undefined;
    for (const output of node.outputs) roots.set(output, viewed ? (roots.get(viewed) ?? viewed) : output);
  }
  return roots;
}

/** For each node, the computed tensors that nobody needs after it. Results of the graph are needed to the end. */
function lastUses(graph: Graph, roots: ReadonlyMap<Tensor, Tensor>) {
  const last = new Map<Tensor, number>();
  const producers = new Map<Tensor, Node>();
  for (const [index, node] of graph.nodes.entries()) {
    for (const output of node.outputs) {
      producers.set(output, node);
      last.set(roots.get(output)!, index);
    }
    for (const operand of Object.values(node.operands)) {
      const root = operand && (roots.get(operand) ?? operand);
      if (root && producers.has(root)) last.set(root, index);
    }
  }
  for (const output of [...graph.outputs, ...graph.updates.values()])
    last.delete(roots.get(output) ?? output);
  const byNode = new Map<number, { tensor: Tensor; producer: Node }[]>();
  for (const [tensor, index] of last) {
    const producer = producers.get(tensor);
    if (!producer) continue;
    byNode.set(index, [...(byNode.get(index) ?? []), { tensor, producer }]);
  }
  return byNode;
}

function savedBytes(graph: Graph, roots: ReadonlyMap<Tensor, Tensor>): number {
  const forward = new Set(
    graph.nodes.filter(({ pass }) => pass === 'forward').flatMap(({ outputs }) => outputs),
  );
  const saved = new Set<Tensor>();
  for (const node of graph.nodes) {
    if (node.pass === 'forward') continue;
    for (const operand of Object.values(node.operands)) {
      const root = operand && roots.get(operand);
      if (root && forward.has(root)) saved.add(root);
    }
  }
  return [...saved].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

function bytesOf({ shape }: Tensor): number {
  return size(shape) * bytesPerElement;
}
