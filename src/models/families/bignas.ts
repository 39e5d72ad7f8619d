import { createRandom } from '../../mathematics/random.ts';
import { bottleneckModel, type BottleneckNetwork } from '../layers/bottleneck-network.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import type { Model } from '../model.ts';

/** What a stage may be; one of each is chosen. */
interface StageChoices {
  readonly channels: readonly number[];
  readonly repeats: readonly number[];
  readonly kernels: readonly number[];
  readonly expandRatio: number;
  readonly stride: number;
}

/**
 * The search space of BigNAS (Yu et al. 2020, arXiv 2003.11142), every choice in ascending order, as in
 * xfey/pytorch-BigNAS, configs/train.yaml. The paper's own four children were not published in full.
 */
export const bigNasSpace = {
  resolution: [192, 224, 288, 320],
  stem: [32, 40],
  stages: [
    { channels: [16, 24], repeats: [1, 2], kernels: [3], expandRatio: 1, stride: 1 },
    { channels: [24, 32], repeats: [2, 3], kernels: [3], expandRatio: 6, stride: 2 },
    { channels: [40, 48], repeats: [2, 3], kernels: [3, 5], expandRatio: 6, stride: 2 },
    { channels: [80, 88], repeats: [2, 3, 4], kernels: [3, 5], expandRatio: 6, stride: 2 },
    { channels: [112, 120, 128], repeats: [2, 3, 4, 5, 6], kernels: [3, 5], expandRatio: 6, stride: 1 },
    { channels: [192, 200, 208, 216], repeats: [2, 3, 4, 5, 6], kernels: [3, 5], expandRatio: 6, stride: 2 },
    { channels: [320, 352], repeats: [1, 2], kernels: [3, 5], expandRatio: 6, stride: 1 },
  ] satisfies readonly StageChoices[],
  head: [1280, 1408],
} as const;

/** How one of several choices is made. */
type Choose = (choices: readonly number[]) => number;

interface Child {
  readonly resolution: number;
  readonly network: BottleneckNetwork;
}

function childOf(choose: Choose): Child {
  const { resolution, stem, stages, head } = bigNasSpace;
  return {
    resolution: choose(resolution),
    network: {
      stem: choose(stem),
      stages: stages.map(({ channels, repeats, kernels, expandRatio, stride }: StageChoices) => ({
        channels: choose(channels),
        repeats: choose(repeats),
        kernel: choose(kernels),
        expandRatio,
        stride,
        squeezeRatio: 0.25,
      })),
      head: choose(head),
      dropout: 0.2,
      survival: 0.8,
    },
  };
}

const smallest: Choose = (choices) => choices[0]!;
const biggest: Choose = (choices) => choices.at(-1)!;

/** Every choice with the same probability; the same seed gives the same child on every machine. */
function uniform(seed: number): Choose {
  const random = createRandom(seed, 'bignas');
  return (choices) => choices[Math.floor(random.uniform() * choices.length)]!;
}

const searched = {
  expandRatio: 'the search set the expansion of each stage',
  width: 'the search set the channels of each stage',
  depth: 'the search set the repeats of each stage',
} as const;

function bigNasModel(name: string, { resolution, network }: Child): Model {
  return bottleneckModel({
    name,
    family: 'BigNAS',
    source: 'Yu et al. 2020 (arXiv 2003.11142), search space',
    resolution: { native: resolution },
    defaults: { ...efficientNetDefaults, width: 1, depth: 1 },
    knobs: ['groupSize', 'norm', 'activation', 'padding'],
    refusals: searched,
    plan: () => network,
  });
}

/** The extremes of the space. */
export const bigNasExtremes: readonly Model[] = [
  bigNasModel('bignas-min', childOf(smallest)),
  bigNasModel('bignas-max', childOf(biggest)),
];

/** The child `bignas-r<seed>`, drawn uniformly from the space; undefined for every other name. */
export function bigNasChild(name: string): Model | undefined {
  const seed = /^bignas-r(0|[1-9]\d{0,8})$/.exec(name)?.[1];
  return seed === undefined ? undefined : bigNasModel(name, childOf(uniform(Number(seed))));
}
