/**
 * A SYNTHETIC bench result of the size that a page has to carry: 30 networks, two modes, two engines, six rounds of the
 * standard protocol, some with long warm-ups. Its estimates follow from its samples, as those of a measured one do.
 */
import { accuracyOf, macsPerImage } from '../../src/analysis/published.ts';
import { assess } from '../../src/bench/assess.ts';
import { standardProtocol } from '../../src/bench/protocol.ts';
import { createRandom, type Random } from '../../src/mathematics/random.ts';
import {
  benchResult,
  type BenchResult,
  type BenchRow,
  type BenchSetting,
  type Sample,
} from '../../src/results/schema.ts';
import { sampleFullResult } from './sample-bench-result.ts';

const sizes = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5'] as const;
const forms = [':gn4', ':g16,e4,gn4', ':g16,e4,ln+pn', '@half:g16,e4,gn4', '@half:g16,e4,ln+pn'] as const;
const modes = ['training', 'inference'] as const;

/** Made-up FLOP per second. */
const engineSpeeds = { onnxruntime: 1.5e12, 'tfjs-wasm': 5e11 } as const;
const engines = ['onnxruntime', 'tfjs-wasm'] as const satisfies (keyof typeof engineSpeeds)[];

const { rounds, blocksPerCell, latencySteps = 0, minimumBlockSeconds } = standardProtocol;
const { maximumWarmUpSeconds = 0, warmUpSeconds } = standardProtocol;

export function largeResult(): BenchResult {
  const random = createRandom(2106_03640, 'large result');
  const full = sampleFullResult(rounds);
  const rows = modes.flatMap((mode) => {
    const template = full.rows.find((row) => row.mode === mode)!;
    return engines.flatMap((engine) =>
      sizes.flatMap((size) =>
        forms.map((form) => rowOf(template, engine, `efficientnet-${size}${form}`, random)),
      ),
    );
  });
  const settings = rows
    .filter(({ variant }) => variant === `efficientnet-${sizes[0]}${forms[0]}`)
    .map(({ variant, samples, ...row }): BenchSetting => {
      const { mode, engine, device, precision, batch, threads, optimizer } = row;
      const unknown = { estimate: 1, low: null, high: null, method: null, p: null, passed: null };
      return {
        ...{ mode, engine, device, precision, batch, threads },
        ...(optimizer !== undefined && { optimizer }),
        reference: variant,
        control: {
          ...unknown,
          rounds,
          outlierRounds: [],
          samples: samples.map((sample) => again(sample, random)),
        },
        minimumDetectableEffect: null,
      };
    });
  return benchResult.parse(assess({ ...full, protocol: standardProtocol, rows, settings }));
}

function rowOf(
  template: BenchRow,
  engine: (typeof engines)[number],
  variant: string,
  random: Random,
): BenchRow {
  const macs = macsPerImage(variant);
  const passes = template.mode === 'training' ? 3 : 1;
  const theory = {
    ...template.theory,
    macs: passes * macs,
    flops: 2 * passes * macs,
    forwardFlops: 2 * macs,
  };
  const step = ((theory.flops * template.batch) / engineSpeeds[engine]) * (0.8 + 0.4 * random.uniform());
  const samples = Array.from({ length: rounds }, (_, round) => sampleOf(step, round, random));
  return {
    ...template,
    ...{ engine, variant, theory, samples, rounds },
    accuracy: accuracyOf(variant),
    ...(template.split && { split: { forward: 0.3 * step, backward: 0.95 * step } }),
  };
}

/** A process: its own level, noise of blocks and steps, and in every sixth a warm-up as long as the protocol allows. */
function sampleOf(step: number, round: number, random: Random): Sample {
  const level = step * Math.exp(0.01 * random.normal());
  const seconds = (excess = 0) => nanoseconds(level * Math.exp(excess + 0.02 * random.normal()));
  const times = (count: number) => Array.from({ length: count }, () => seconds(0.05 * random.uniform() ** 8));
  const blockSeconds = Math.max(step, minimumBlockSeconds);
  const isLong = random.uniform() < 1 / 6;
  const warmUpBlocks = Math.ceil((isLong ? maximumWarmUpSeconds : 2 * warmUpSeconds) / blockSeconds);
  return {
    round: round + 1,
    stepSeconds: times(blocksPerCell),
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, round, Math.floor(60 * random.uniform()))).toISOString(),
    position: 1 + Math.floor(30 * random.uniform()),
    warmUp: {
      firstStepSeconds: seconds(1),
      stepSeconds: Array.from({ length: warmUpBlocks }, (_, block) => seconds(0.4 * 0.6 ** block)),
    },
    collections: [{ block: 3, minor: 2, major: 1, seconds: nanoseconds(0.01 * random.uniform()) }],
    latencySeconds: times(latencySteps),
    clockHertz: 2.9e9 - 1e8 * random.uniform(),
    otherProcesses: 0.03 * random.uniform(),
  };
}

/** The same process once more, a little faster or slower. */
function again(sample: Sample, random: Random): Sample {
  const factor = Math.exp(0.01 * random.normal());
  return { ...sample, stepSeconds: sample.stepSeconds.map((seconds) => nanoseconds(factor * seconds)) };
}

/** As fine as the clock. */
function nanoseconds(seconds: number): number {
  return Number(seconds.toFixed(9));
}
