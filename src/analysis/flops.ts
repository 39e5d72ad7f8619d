import type { OptimizerName } from '../gradients/optimizers/registry.ts';
import { buildGraph, formatVariant, pixels, type Variant } from '../models/variants/variant.ts';
import { countBy, type ConventionCount } from './conventions/convention.ts';
import { explain, type ComparedLine } from './conventions/explain.ts';
import { conventions, type ConventionName } from './conventions/registry.ts';
import {
  arithmeticIntensity,
  countNetwork,
  countNodes,
  flops,
  groupCounts,
  type Counts,
  type Grouping,
  type NetworkCounts,
} from './count.ts';
import { estimateMemory, type MemoryEstimate } from './memory.ts';
import { largestBatches, trainingCost, type TrainingCost } from './training.ts';

export interface FlopsOptions {
  /** Images that share one reading of the weights. */
  readonly batch: number;
  readonly by: Grouping;
  readonly conventions: readonly ConventionName[];
  /** Compare the first two conventions line by line; with one, ecfx's own is the other. */
  readonly explain: boolean;
  /** Count a training step with this optimizer too. */
  readonly training?: OptimizerName;
  /** Bytes to fill with the largest batch. */
  readonly memory?: number;
}

/** Counts per image; only the bytes depend on the batch, which shares the reading of the weights. */
export interface ImageCounts extends Counts {
  readonly flops: number;
  readonly arithmeticIntensity: number | null;
  /** Spent once per update of the parameters, not per image: the statistics of proxy norm. */
  readonly perUpdate: Pick<Counts, 'macs' | 'arithmetic' | 'transcendental'>;
}

export interface FlopsVariant extends ImageCounts {
  readonly variant: string;
  readonly resolution: number;
  readonly groups?: readonly (ImageCounts & { readonly group: string })[];
  readonly conventions?: Readonly<Record<string, ConventionResult>>;
  readonly explanation?: ExplanationResult;
  /** Of inference, for the whole batch; when training or a largest batch is asked for. */
  readonly memory?: MemoryEstimate;
  readonly training?: TrainingCost;
  readonly largestBatch?: { readonly inference: number; readonly training: number };
}

/** A convention's count per image, as its tool would print it. */
export interface ConventionResult extends Omit<ConventionCount, 'uncounted'> {
  readonly uncounted: Readonly<Record<string, number>>;
}

export interface ExplanationResult {
  readonly left: ConventionName;
  readonly right: ConventionName;
  readonly operations: readonly ComparedLine[] | null;
  readonly parameters: readonly ComparedLine[];
}

export interface FlopsResult {
  readonly schema: 'ecfx.flops/1';
  readonly batch: number;
  readonly by: Grouping;
  readonly variants: readonly FlopsVariant[];
}

/** Counts each variant for inference. Throws `EcfxError` (usage) when one cannot be built. */
export function countVariants(variants: readonly Variant[], options: FlopsOptions): FlopsResult {
  return {
    schema: 'ecfx.flops/1',
    batch: options.batch,
    by: options.by,
    variants: variants.map((variant) => countVariant(variant, options)),
  };
}

function countVariant(
  variant: Variant,
  { batch, by, conventions: names, explain: explained, training, memory }: FlopsOptions,
): FlopsVariant {
  const graph = buildGraph(variant, batch);
  const nodes = countNodes(graph);
  // Tools are given one image, whatever the batch.
  const single = batch === 1 || names.length === 0 ? nodes : countNodes(buildGraph(variant, 1));
  const groups = () =>
    [...groupCounts(nodes, by)].map(([group, counts]) => ({ group, ...perImage(counts, batch) }));
  return {
    variant: formatVariant(variant),
    resolution: pixels(variant),
    ...perImage(countNetwork(nodes), batch),
    ...(by !== 'network' && { groups: groups() }),
    ...(names.length > 0 && {
      conventions: Object.fromEntries(
        names.map((name) => [name, conventionResult(countBy(conventions[name], single))]),
      ),
    }),
    ...(explained && { explanation: explanationOf(names, (name) => countBy(conventions[name], single)) }),
    ...((training !== undefined || memory !== undefined) && { memory: estimateMemory(graph) }),
    ...(training && { training: trainingCost(variant, batch, training) }),
    ...(memory !== undefined && { largestBatch: largestBatches(variant, training ?? 'sgd', memory) }),
  };
}

function perImage({ perStep, perUpdate }: NetworkCounts, batch: number): ImageCounts {
  const { parameters, buffers } = perStep;
  const { macs, arithmetic, transcendental } = perUpdate;
  const counts: Counts = {
    parameters,
    buffers,
    macs: perStep.macs / batch,
    arithmetic: perStep.arithmetic / batch,
    transcendental: perStep.transcendental / batch,
    activations: perStep.activations / batch,
    bytesRead: perStep.bytesRead / batch,
    bytesWritten: perStep.bytesWritten / batch,
  };
  return {
    ...counts,
    flops: flops(counts),
    arithmeticIntensity: arithmeticIntensity(counts),
    perUpdate: { macs, arithmetic, transcendental },
  };
}

function conventionResult({ uncounted, ...count }: ConventionCount): ConventionResult {
  return { ...count, uncounted: Object.fromEntries(uncounted) };
}

function explanationOf(
  names: readonly ConventionName[],
  count: (name: ConventionName) => ConventionCount,
): ExplanationResult {
  const [left, right] = names.length >= 2 ? names : (['ecfx', ...names] as const);
  const pair = { left: left ?? 'ecfx', right: right ?? 'fvcore' };
  return { ...pair, ...explain(count(pair.left), count(pair.right)) };
}
