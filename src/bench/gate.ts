import type { Precision } from '../engines/engine.ts';
import { deviceOf } from '../engines/registry.ts';
import { evaluate } from '../engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../engines/weights.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../graph/graph.ts';
import { formatVariant, parseVariant, type Variant } from '../models/variants/variant.ts';
import type { Subject } from '../results/schema.ts';
import { graphOf } from './subject-graph.ts';

/** Small, so that the definitions in double precision take a few seconds. Statistics over a batch need some images. */
const gateBatch = { inference: 1, training: 4 } as const;
const gatePixels = 32;
const gateDepth = 0.25;

/** Largest relative error by precision. Wrong mathematics is off by tenths; rounding through some hundred layers is not. */
const tolerances: Readonly<Record<string, number>> = { fp32: 0.005, fp16: 0.1 };

export interface GateVerdict {
  readonly checked: string;
  readonly passed: boolean;
  readonly relativeError: number | null;
  readonly tolerance: number;
  readonly error?: string;
}

/**
 * Runs one step of a small version of the subject on its device and by the operators' definitions, and compares outputs
 * and updated state. Times of a network that computes something else are not worth having.
 */
export async function checkSubject(subject: Subject, seed: number): Promise<GateVerdict> {
  const checked = formatVariant(smallVersion(parseVariant(subject.variant)));
  const tolerance = tolerances[subject.precision] ?? tolerances['fp32']!;
  const unable = (error: string) => ({ checked, passed: false, relativeError: null, tolerance, error });
  const graph = graphOf({ ...subject, variant: checked }, gateBatch[subject.mode]);
  const weights = initializeWeights(graph, seed);
  const inputs = randomInputs(graph, seed);
  // Single tensors can be next to nothing, with rounding for content; together, those of a kind are not.
  const groupOf = new Map<string, string>([...graph.updates.keys()].map(({ name, kind }) => [name, kind]));
  const actual = await engineStep(graph, subject, weights, inputs);
  const expected = referenceStep(graph, weights, inputs);
  const groups = new Map<string, Distance>();
  for (const [name, values] of expected) {
    const given = actual.get(name);
    if (given?.length !== values.length) return unable(`${name} is missing or of the wrong size`);
    if (!given.every(Number.isFinite)) return unable(`${name} is not finite`);
    const group = groupOf.get(name) ?? name;
    groups.set(group, addDistance(groups.get(group), given, values));
  }
  const relativeError = Math.max(...[...groups.values()].map(relative));
  const passed = relativeError <= tolerance;
  if (passed) return { checked, passed, relativeError, tolerance };
  return {
    ...{ checked, passed, relativeError, tolerance },
    error: `results differ from the definitions by ${relativeError.toPrecision(2)} (${tolerance} is allowed)`,
  };
}

/** Fewer pixels, and fewer layers where the family can be made less deep; every layer that is left is as wide as it was. */
function smallVersion(variant: Variant): Variant {
  const { model, knobs } = variant;
  const isScalable = model.knobs.includes('depth');
  return {
    ...variant,
    resolution: gatePixels,
    knobs: isScalable ? { ...knobs, depth: Math.min(gateDepth, knobs.depth) } : knobs,
  };
}

type Results = ReadonlyMap<string, ArrayLike<number>>;

async function engineStep(
  graph: Graph,
  { engine, device, threads, precision }: Subject,
  weights: ReadonlyMap<Tensor, Float32Array>,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const options = { weights, threads, precision: precision as Precision };
  const executable = await deviceOf(engine, device).compile(graph, options);
  const step = executable.bind(inputs);
  await step.advance();
  const results = new Map([...(await step.outputs()), ...(await executable.state())]);
  await executable.dispose();
  return results;
}

function referenceStep(
  graph: Graph,
  weights: ReadonlyMap<Tensor, Float32Array>,
  inputs: ReadonlyMap<string, Float32Array>,
): Results {
  const given = new Map<Tensor, ArrayLike<number>>(weights);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  const values = evaluate(graph, given);
  const state = [...graph.updates].map(([tensor, next]) => [tensor.name, values.get(next)!] as const);
  return new Map([...graph.outputs.map((output) => [output.name, values.get(output)!] as const), ...state]);
}

/** Sums of squares: of the difference, and of what was expected. */
interface Distance {
  readonly difference: number;
  readonly magnitude: number;
}

function addDistance(
  { difference, magnitude }: Distance = { difference: 0, magnitude: 0 },
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): Distance {
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    magnitude += expected[index]! ** 2;
  }
  return { difference, magnitude };
}

function relative({ difference, magnitude }: Distance): number {
  return difference === 0 ? 0 : Math.sqrt(difference / magnitude);
}
