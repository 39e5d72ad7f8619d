/**
 * A SYNTHETIC bench result. Counts are those of the real networks; times, machine and everything else that looks
 * measured is made up by a seeded generator, so that reports can be tested without measuring. Never cite it.
 */
import { latencyOf } from '../../src/bench/latency.ts';
import { benchResult, type BenchResult, type BenchRow, type Estimate } from '../../src/results/schema.ts';

const source =
  "read off the authors' front-page figure (graphcore-research/making-efficientnet-more-efficient @ 874d392, img/front_page.png)";

interface SampleVariant {
  readonly variant: string;
  readonly resolution: number;
  readonly parameters: number;
  readonly macs: number;
  /** Made-up seconds per step of 16 images. */
  readonly stepSeconds: number;
  readonly top1?: number;
  readonly series?: string;
  readonly error?: string;
}

const quickSet: readonly SampleVariant[] = [
  {
    variant: 'efficientnet-b0',
    resolution: 224,
    parameters: 5_288_548,
    macs: 385_814_752,
    stepSeconds: 0.1878,
  },
  {
    variant: 'efficientnet-b0:gn4',
    resolution: 224,
    parameters: 5_288_548,
    macs: 385_814_752,
    stepSeconds: 0.2351,
    top1: 79.1,
    series: 'G1-GN-Native',
  },
  {
    variant: 'efficientnet-b0:g16,e4,gn4',
    resolution: 224,
    parameters: 5_913_796,
    macs: 634_700_000,
    stepSeconds: 0.2066,
    top1: 79.08,
    series: 'G16-GN-Native',
  },
  {
    variant: 'efficientnet-b0:g16,e4,ln+pn',
    resolution: 224,
    parameters: 5_913_796,
    macs: 634_700_000,
    stepSeconds: 0.2214,
    top1: 79.42,
    series: 'G16-LN_PN-Native',
  },
  {
    variant: 'efficientnet-b0@half:g16,e4,ln+pn',
    resolution: 160,
    parameters: 5_913_796,
    macs: 324_600_000,
    stepSeconds: 0.1103,
    top1: 78.31,
    series: 'G16-LN_PN-Half',
  },
  {
    variant: 'efficientnet-b0:g4,e5',
    resolution: 224,
    parameters: 5_146_000,
    macs: 431_000_000,
    stepSeconds: 0.1942,
  },
  {
    variant: 'efficientnet-b7:gn4',
    resolution: 600,
    parameters: 66_347_960,
    macs: 37_700_000_000,
    stepSeconds: NaN,
    error: 'out of memory: the worker was killed at 7.9 GB (limit 8 GB)',
  },
];

/** The GN4 baseline, G16 and the best series at three sizes: many points close together. */
const sizes: readonly SampleVariant[] = (
  [
    ['b0', 5_288_548, 5_913_796, [224, 160], [0.386, 0.635, 0.325], [79.1, 79.08, 78.31], 0.235],
    ['b1', 7_794_184, 8_900_000, [240, 176], [0.681, 1.098, 0.587], [80.8, 80.82, 80.5], 0.402],
    ['b2', 9_109_994, 10_400_000, [260, 196], [0.972, 1.49, 0.85], [81.43, 81.45, 81.17], 0.561],
  ] as const
).flatMap(([size, parameters, groupedParameters, [native, half], [plain, grouped, halved], top1, step]) => [
  {
    variant: `efficientnet-${size}:gn4`,
    resolution: native,
    parameters,
    macs: Math.round(plain * 1e9),
    stepSeconds: step,
    top1: top1[0],
    series: 'G1-GN-Native',
  },
  {
    variant: `efficientnet-${size}:g16,e4,gn4`,
    resolution: native,
    parameters: groupedParameters,
    macs: Math.round(grouped * 1e9),
    stepSeconds: step * 0.88,
    top1: top1[1],
    series: 'G16-GN-Native',
  },
  {
    variant: `efficientnet-${size}@half:g16,e4,ln+pn`,
    resolution: half,
    parameters: groupedParameters,
    macs: Math.round(halved * 1e9),
    stepSeconds: step * 0.47,
    top1: top1[2],
    series: 'G16-LN_PN-Half',
  },
]);

export function sampleBenchResult(
  options: { rounds?: number; variants?: 'quick' | 'sizes' } = {},
): BenchResult {
  const { rounds = 5, variants = 'quick' } = options;
  const random = mulberry32(2106_03640);
  const chosen = variants === 'quick' ? quickSet : sizes;
  return benchResult.parse({
    schema: 'ecfx.bench/1',
    startedAt: '2026-01-02T03:04:05Z',
    status: 'complete',
    command: ['ecfx', 'bench', '--rounds', String(rounds)],
    seed: 42,
    protocol: {
      rounds,
      warmUpSeconds: 1,
      minimumWarmUpSteps: 5,
      minimumBlockSeconds: 0.2,
      blocksPerCell: 8,
    },
    machine: {
      cpu: 'Synthetic CPU @ 2.50GHz',
      architecture: 'x64',
      logicalCores: 2,
      memoryBytes: 8_232_452_096,
      memoryLimitBytes: null,
      operatingSystem: 'Linux 6.1.0 (synthetic)',
      loadAverage: 0.12,
    },
    versions: { ecfx: '0.1.0', node: '20.20.2', 'onnxruntime-node': '1.30.0' },
    warnings: ['SYNTHETIC SAMPLE: these times were never measured.'],
    rows: chosen.map((variant) => sampleRow(variant, rounds, random)),
  } satisfies BenchResult);
}

/**
 * Everything that a page can show at once: three sizes in training and inference, a second engine, a run of batches up
 * to one that does not fit, parts of time and memory.
 */
export function sampleFullResult(rounds = 8): BenchResult {
  const random = mulberry32(2106_03743);
  const row = (variant: SampleVariant, changes: RowChanges) => sampleRow(variant, rounds, random, changes);
  const [plain, grouped, half] = sizes;
  if (plain === undefined || grouped === undefined || half === undefined)
    throw new Error('The sample has no sizes.');
  const groupedHalf = {
    ...half,
    variant: 'efficientnet-b0@half:g16,e4,gn4',
    series: 'G16-GN-Half',
    top1: 77.84,
  };
  const inside = mulberry32(2106_03741);
  const tooLarge = { ...plain, error: 'out of memory: the worker was killed at 7.9 GB (limit 8 GB)' };
  return benchResult.parse({
    ...sampleBenchResult({ rounds }),
    warnings: ['SYNTHETIC SAMPLE: these times were never measured.'],
    imported: sizes.map(({ variant, parameters, macs, resolution }) => ({
      origin: 'imported',
      file: 'benchmark-infer-amp-nhwc-pt240-cu124-synthetic.csv',
      ...{ network: `other_${variant.replaceAll('-', '_')}`, variant, mode: 'inference' },
      ...{ setting: 'synthetic card, amp, nhwc', resolution, batch: 256 },
      ...{ imagesPerSecond: 2e12 / macs, macs, parameters },
    })),
    rows: [
      ...[...sizes, groupedHalf].map((variant) => row(variant, { mode: 'training' })),
      ...[...sizes, groupedHalf].map((variant) => row(variant, {})),
      ...[plain, grouped, half].map((variant) =>
        row({ ...variant, stepSeconds: variant.stepSeconds * 4.2 }, { engine: 'tfjs-wasm' }),
      ),
      ...[1, 4, 32].flatMap((batch) =>
        [plain, grouped].map((variant) =>
          row({ ...variant, stepSeconds: variant.stepSeconds * (1 + 3 / batch) }, { batch }),
        ),
      ),
      row(tooLarge, { batch: 64 }),
    ].map((each, place) => withInsides(each, place, inside)),
  } satisfies BenchResult);
}

/** What happens inside of processes: warm-up, single steps, collections, the clock. */
function withInsides(row: BenchRow, place: number, random: () => number): BenchRow {
  const samples = row.samples.map((sample, index) => {
    const [step = 0] = sample.stepSeconds;
    const short = (seconds: number) => Number(seconds.toPrecision(9));
    return {
      ...sample,
      position: 1 + ((place + 3 * index) % 10),
      warmUp: {
        firstStepSeconds: short(step * 2.6),
        stepSeconds: Array.from({ length: index === 0 ? 12 : 6 }, (_, block) =>
          short(step * (1 + 0.3 * 0.5 ** block + 0.01 * random())),
        ),
      },
      ...(index % 3 === 0 && { collections: [{ block: 2, minor: 2, major: 1, seconds: 0.012 }] }),
      latencySeconds: Array.from({ length: 30 }, () => {
        const isSlow = random() < 0.04;
        return short(step * (1 + 0.04 * random() ** 3 + (isSlow ? 0.3 * random() : 0)));
      }),
      clockHertz: 2.9e9 - 1e8 * random(),
      otherProcesses: 0.03 * random(),
    };
  });
  const latency = latencyOf(samples.flatMap(({ latencySeconds }) => latencySeconds));
  return { ...row, samples, ...(latency && { latency }) };
}

interface RowChanges {
  readonly mode?: BenchRow['mode'];
  readonly engine?: string;
  readonly batch?: number;
}

function sampleRow(
  variant: SampleVariant,
  rounds: number,
  random: () => number,
  { mode = 'inference', engine = 'onnxruntime', batch = 16 }: RowChanges = {},
): BenchRow {
  const row = plainRow(
    { ...variant, stepSeconds: (variant.stepSeconds * batch) / 16 },
    rounds,
    random,
    batch,
  );
  if (mode === 'inference' || row.stepSeconds === undefined) return { ...row, mode, engine };
  const { theory, stepSeconds, throughput } = row;
  const times = 3.2;
  const activations = 90 * variant.macs ** 0.75;
  const parts = {
    parameters: 4 * theory.parameters,
    buffers: 84_000,
    optimizerState: 4 * theory.parameters,
    inputs: 4 * batch * 3 * theory.resolution ** 2,
    gradients: 4 * theory.parameters,
    activations,
    stateCopies: 16 * theory.parameters,
    layoutCopies: 0.17 * activations,
    process: 1.9e8,
  };
  const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  const scaled = (each: Estimate, factor: number): Estimate => ({
    estimate: each.estimate * factor,
    low: each.low === null ? null : each.low * factor,
    high: each.high === null ? null : each.high * factor,
  });
  return {
    ...row,
    mode,
    engine,
    optimizer: 'sgd',
    theory: { ...theory, macs: 3 * theory.macs, flops: 3 * theory.flops, forwardFlops: theory.flops },
    ...(throughput && { throughput: scaled(throughput, 1 / times) }),
    stepSeconds: scaled(stepSeconds, times),
    split: { forward: stepSeconds.estimate * 1.2, backward: stepSeconds.estimate * 3.05 },
    predictedMemory: { ...parts, total },
    peakMemoryBytes: total * (0.97 + 0.08 * random()),
    loss: { first: 7.02, last: 6.41 },
    samples: row.samples.map(({ round, stepSeconds: seconds }) => ({
      round,
      stepSeconds: seconds.map((each) => Number((each * times).toPrecision(9))),
    })),
  };
}

function plainRow(variant: SampleVariant, rounds: number, random: () => number, batch: number): BenchRow {
  const { error, stepSeconds: step, top1, series } = variant;
  const row: BenchRow = {
    variant: variant.variant,
    mode: 'inference',
    engine: 'onnxruntime',
    device: 'cpu',
    precision: 'fp32',
    batch,
    threads: 2,
    theory: {
      resolution: variant.resolution,
      parameters: variant.parameters,
      macs: variant.macs,
      flops: 2 * variant.macs,
      activations: 6_748_036,
      bytes: 96_000_000,
      arithmeticIntensity: (2 * variant.macs) / 96_000_000,
    },
    firstStepSeconds: null,
    peakMemoryBytes: null,
    rounds: 0,
    samples: [],
    accuracy:
      top1 === undefined || series === undefined
        ? null
        : { top1, error: 0.02, origin: 'digitised', series, source },
  };
  if (error !== undefined) return { ...row, error };
  const spread = rounds > 1 ? 0.012 : null;
  const interval = (estimate: number) => ({
    estimate,
    low: spread === null ? null : estimate * (1 - spread),
    high: spread === null ? null : estimate * (1 + spread),
  });
  return {
    ...row,
    throughput: interval(batch / step),
    stepSeconds: interval(step),
    achievedFlops: interval((2 * variant.macs * batch) / step),
    firstStepSeconds: step * 1.8,
    peakMemoryBytes: 2.1e8 + 0.5 * variant.macs,
    rounds,
    samples: Array.from({ length: rounds }, (_, round) => {
      const drift = 1 + 0.02 * (random() - 0.5);
      return {
        round: round + 1,
        stepSeconds: Array.from({ length: 8 }, () =>
          Number((step * drift * (1 + 0.01 * random())).toPrecision(9)),
        ),
      };
    }),
  };
}

/** A small seeded generator of uniform numbers in [0, 1) (T. Ettinger's Mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
