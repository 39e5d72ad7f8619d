import { bottleneckKnobs, bottleneckModel, type BottleneckNetwork } from '../layers/bottleneck-network.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';

interface Stage {
  readonly kernel: number;
  readonly stride: number;
  /** 'knob' is what the variant sets: 6 in EfficientNet, 4 in the study's group convolutions. */
  readonly expandRatio: 1 | 'knob';
  readonly channels: number;
  readonly repeats: number;
}

/** EfficientNet-B0 (Tan & Le 2019, table 1). The stride is the first block's; the others have stride 1. */
export const efficientNetStages: readonly Stage[] = [
  { kernel: 3, stride: 1, expandRatio: 1, channels: 16, repeats: 1 },
  { kernel: 3, stride: 2, expandRatio: 'knob', channels: 24, repeats: 2 },
  { kernel: 5, stride: 2, expandRatio: 'knob', channels: 40, repeats: 2 },
  { kernel: 3, stride: 2, expandRatio: 'knob', channels: 80, repeats: 3 },
  { kernel: 5, stride: 1, expandRatio: 'knob', channels: 112, repeats: 3 },
  { kernel: 5, stride: 2, expandRatio: 'knob', channels: 192, repeats: 4 },
  { kernel: 3, stride: 1, expandRatio: 'knob', channels: 320, repeats: 1 },
];

const stem = 32;
const head = 1280;

/** Squeeze width as a part of the block's *input* channels. */
const squeezeRatio = 0.25;

interface Member {
  readonly width: number;
  readonly depth: number;
  readonly dropout: number;
  readonly native: number;
  readonly half?: number;
}

/** Survival of the last residual branch in stochastic depth; it falls linearly from 1. */
const lastSurvival = 0.8;

/**
 * Coefficients, dropout and resolutions (tensorflow/tpu @ 7dc921f8, efficientnet_builder.py; L2 from Xie et al. 2020). Half
 * resolutions are those of the study's configurations (graphcore-research/making-efficientnet-more-efficient
 * @ 874d392, configs.yml): same remainder modulo 32 as the native size; its README prints 192 for B2, which has not.
 */
const members: Readonly<Record<string, Member>> = {
  b0: { width: 1.0, depth: 1.0, dropout: 0.2, native: 224, half: 160 },
  b1: { width: 1.0, depth: 1.1, dropout: 0.2, native: 240, half: 176 },
  b2: { width: 1.1, depth: 1.2, dropout: 0.3, native: 260, half: 196 },
  b3: { width: 1.2, depth: 1.4, dropout: 0.3, native: 300, half: 204 },
  b4: { width: 1.4, depth: 1.8, dropout: 0.4, native: 380, half: 252 },
  b5: { width: 1.6, depth: 2.2, dropout: 0.4, native: 456, half: 328 },
  b6: { width: 1.8, depth: 2.6, dropout: 0.5, native: 528 },
  b7: { width: 2.0, depth: 3.1, dropout: 0.5, native: 600 },
  b8: { width: 2.2, depth: 3.6, dropout: 0.5, native: 672 },
  l2: { width: 4.3, depth: 5.3, dropout: 0.5, native: 800 },
};

export const efficientNetDefaults = {
  groupSize: 1,
  expandRatio: 6,
  norm: { kind: 'batch', proxy: false },
  activation: 'swish',
  padding: 'same',
} as const;

function plan({ width, depth, expandRatio }: Knobs, dropout: number): BottleneckNetwork {
  return {
    stem: scaleWidth(stem, width),
    stages: efficientNetStages.map((stage) => ({
      ...stage,
      expandRatio: stage.expandRatio === 'knob' ? expandRatio : stage.expandRatio,
      channels: scaleWidth(stage.channels, width),
      repeats: scaleDepth(stage.repeats, depth),
      squeezeRatio,
    })),
    head: scaleWidth(head, width),
    dropout,
    survival: lastSurvival,
  };
}

/** EfficientNet B0–B8 and L2. */
export const efficientNets: readonly Model[] = Object.entries(members).map(([size, member]) =>
  bottleneckModel({
    name: `efficientnet-${size}`,
    aliases: [size],
    family: 'EfficientNet',
    source: 'Tan & Le 2019 (arXiv 1905.11946), table 1',
    resolution: { native: member.native, ...(member.half !== undefined && { half: member.half }) },
    defaults: { ...efficientNetDefaults, width: member.width, depth: member.depth },
    knobs: bottleneckKnobs,
    plan: (knobs) => plan(knobs, member.dropout),
  }),
);
