import {
  bottleneckModel,
  type BottleneckNetwork,
  type BottleneckStage,
} from '../layers/bottleneck-network.ts';
import { makeDivisible, scaleDepth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';

type Row = readonly [
  'fused' | 'mbconv',
  expandRatio: number,
  stride: number,
  channels: number,
  repeats: number,
];

interface Architecture {
  readonly stem: number;
  readonly head: number;
  readonly stages: readonly Row[];
}

/** Stages as in google/automl @ 6a54c874, efficientnetv2/effnetv2_configs.py. Every kernel is 3×3. */
const architectures = {
  b: {
    stem: 32,
    head: 1280,
    stages: [
      ['fused', 1, 1, 16, 1],
      ['fused', 4, 2, 32, 2],
      ['fused', 4, 2, 48, 2],
      ['mbconv', 4, 2, 96, 3],
      ['mbconv', 6, 1, 112, 5],
      ['mbconv', 6, 2, 192, 8],
    ],
  },
  s: {
    stem: 24,
    head: 1280,
    stages: [
      ['fused', 1, 1, 24, 2],
      ['fused', 4, 2, 48, 4],
      ['fused', 4, 2, 64, 4],
      ['mbconv', 4, 2, 128, 6],
      ['mbconv', 6, 1, 160, 9],
      ['mbconv', 6, 2, 256, 15],
    ],
  },
  m: {
    stem: 24,
    head: 1280,
    stages: [
      ['fused', 1, 1, 24, 3],
      ['fused', 4, 2, 48, 5],
      ['fused', 4, 2, 80, 5],
      ['mbconv', 4, 2, 160, 7],
      ['mbconv', 6, 1, 176, 14],
      ['mbconv', 6, 2, 304, 18],
      ['mbconv', 6, 1, 512, 5],
    ],
  },
  l: {
    stem: 32,
    head: 1280,
    stages: [
      ['fused', 1, 1, 32, 4],
      ['fused', 4, 2, 64, 7],
      ['fused', 4, 2, 96, 7],
      ['mbconv', 4, 2, 192, 10],
      ['mbconv', 6, 1, 224, 19],
      ['mbconv', 6, 2, 384, 25],
      ['mbconv', 6, 1, 640, 7],
    ],
  },
  xl: {
    stem: 32,
    head: 1280,
    stages: [
      ['fused', 1, 1, 32, 4],
      ['fused', 4, 2, 64, 8],
      ['fused', 4, 2, 96, 8],
      ['mbconv', 4, 2, 192, 16],
      ['mbconv', 6, 1, 256, 24],
      ['mbconv', 6, 2, 512, 32],
      ['mbconv', 6, 1, 640, 8],
    ],
  },
} as const satisfies Record<string, Architecture>;

interface Member {
  readonly architecture: keyof typeof architectures;
  readonly width: number;
  readonly depth: number;
  readonly dropout: number;
  readonly train: number;
  readonly native: number;
}

const members: Readonly<Record<string, Member>> = {
  b0: { architecture: 'b', width: 1.0, depth: 1.0, dropout: 0.2, train: 192, native: 224 },
  b1: { architecture: 'b', width: 1.0, depth: 1.1, dropout: 0.2, train: 192, native: 240 },
  b2: { architecture: 'b', width: 1.1, depth: 1.2, dropout: 0.3, train: 208, native: 260 },
  b3: { architecture: 'b', width: 1.2, depth: 1.4, dropout: 0.3, train: 240, native: 300 },
  s: { architecture: 's', width: 1, depth: 1, dropout: 0.2, train: 300, native: 384 },
  m: { architecture: 'm', width: 1, depth: 1, dropout: 0.3, train: 384, native: 480 },
  l: { architecture: 'l', width: 1, depth: 1, dropout: 0.4, train: 384, native: 480 },
  xl: { architecture: 'xl', width: 1, depth: 1, dropout: 0.4, train: 384, native: 512 },
};

/** This code has no guard against rounding widths down by more than 10 %. */
function scaleWidth(channels: number, width: number): number {
  return makeDivisible(channels * width, 8, 0);
}

function plan({ width, depth }: Knobs, { architecture, dropout }: Member): BottleneckNetwork {
  const { stem, head, stages }: Architecture = architectures[architecture];
  return {
    stem: scaleWidth(stem, width),
    stages: stages.map(([block, expandRatio, stride, channels, repeats]): BottleneckStage => ({
      kernel: 3,
      stride,
      expandRatio,
      channels: scaleWidth(channels, width),
      repeats: scaleDepth(repeats, depth),
      ...(block === 'fused' ? { isFused: true } : { squeezeRatio: 0.25 }),
    })),
    head: scaleWidth(head, width),
    dropout,
    survival: 0.8,
  };
}

/** EfficientNetV2-B0–B3, S, M, L and XL. */
export const efficientNetV2s: readonly Model[] = Object.entries(members).map(([size, member]) =>
  bottleneckModel({
    name: `efficientnetv2-${size}`,
    aliases: [`efficientnet-v2-${size}`, `v2-${size}`],
    family: 'EfficientNetV2',
    source: 'Tan & Le 2021 (arXiv 2104.00298), as in google/automl @ 6a54c874',
    resolution: { native: member.native, train: member.train },
    defaults: { ...efficientNetDefaults, width: member.width, depth: member.depth },
    knobs: ['groupSize', 'norm', 'activation', 'width', 'depth', 'padding'],
    refusals: { expandRatio: 'its table gives the expansion of each stage' },
    plan: (knobs) => plan(knobs, member),
  }),
);
