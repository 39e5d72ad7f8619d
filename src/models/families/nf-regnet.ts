import type { Tensor } from '../../graph/graph.ts';
import { makeDivisible, scaleDepth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import {
  ExpectedVariance,
  gammas,
  noNorm,
  normalizerFreeBlock,
  squeezeGain,
} from '../layers/normalizer-free.ts';
import {
  classes,
  classifierRow,
  plainRow,
  residualDefaults,
  residualStages,
  stageRows,
  type ResidualStage,
} from '../layers/residual-blocks.ts';

interface Member {
  /** Before the width coefficient. */
  readonly widths: readonly [number, number, number, number];
  readonly blocks: readonly [number, number, number, number];
  readonly train: number;
  readonly native: number;
  readonly dropout: number;
}

/** deepmind/deepmind-research @ d8df4155, nfnets/nf_regnet.py, after Brock et al. 2021 (arXiv 2101.08692), §6. */
const members: Readonly<Record<string, Member>> = {
  b0: { widths: [48, 104, 208, 440], blocks: [1, 3, 6, 6], train: 192, native: 224, dropout: 0.2 },
  b1: { widths: [48, 104, 208, 440], blocks: [2, 4, 7, 7], train: 224, native: 256, dropout: 0.2 },
  b2: { widths: [56, 112, 232, 488], blocks: [2, 4, 8, 8], train: 240, native: 272, dropout: 0.3 },
  b3: { widths: [56, 128, 248, 528], blocks: [2, 5, 9, 9], train: 288, native: 320, dropout: 0.3 },
  b4: { widths: [64, 144, 288, 616], blocks: [2, 6, 11, 11], train: 320, native: 384, dropout: 0.4 },
  b5: { widths: [80, 168, 336, 704], blocks: [3, 7, 14, 14], train: 384, native: 456, dropout: 0.4 },
  b6: { widths: [88, 184, 376, 792], blocks: [3, 8, 16, 16], train: 448, native: 528, dropout: 0.5 },
  b7: { widths: [96, 208, 416, 880], blocks: [4, 10, 19, 19], train: 512, native: 600, dropout: 0.5 },
  b8: { widths: [104, 232, 456, 968], blocks: [4, 11, 22, 22], train: 600, native: 672, dropout: 0.5 },
};

/** On the widths above: with squeeze-and-excite and a wider branch, as large as an EfficientNet. */
const widthCoefficient = 0.75;
const expandRatio = 2.25;
const groupSize = 8;
const squeezeRatio = 0.5;
/** The head has 1280 channels for a last stage of 440. */
const head = { channels: 1280, lastWidth: 440 } as const;
/** Rate at which the last branch is dropped. */
const dropPath = 0.1;

/** How the two codes make whole numbers of channels. */
interface Rounding {
  readonly suffix: '' | '-timm';
  readonly width: (channels: number, coefficient: number) => number;
  readonly branch: (channels: number, group: number) => number;
  readonly squeeze: (channels: number) => number;
  /** Of the last stage: its width before and after the coefficient. */
  readonly head: (before: number, coefficient: number) => number;
  readonly skipInit: boolean;
  readonly source: string;
}

const roundings: readonly Rounding[] = [
  {
    suffix: '',
    width: (channels, coefficient) => Math.floor(channels * coefficient),
    branch: (channels, group) => group * Math.floor(Math.floor(channels) / group),
    squeeze: (channels) => Math.max(1, Math.floor(channels)),
    head: (before, coefficient) =>
      Math.floor((head.channels * Math.floor(before * coefficient)) / head.lastWidth),
    skipInit: true,
    source: 'Brock et al. 2021 (arXiv 2101.08692) and its code, nf_regnet.py',
  },
  {
    suffix: '-timm',
    width: (channels, coefficient) => makeDivisible(channels * coefficient),
    branch: (channels, group) => makeDivisible(channels, group),
    squeeze: (channels) => Math.max(8, Math.floor((channels + 4) / 8) * 8),
    head: (before, coefficient) =>
      makeDivisible(coefficient * Math.floor((head.channels * before) / head.lastWidth)),
    skipInit: false,
    source: 'timm @ aa4b5850, nfnet.py, after arXiv 2101.08692',
  },
];

function stagesOf({ widths, blocks }: Member, { width, depth }: Knobs, rounding: Rounding): ResidualStage[] {
  return widths.map((channels, index) => ({
    repeats: scaleDepth(blocks[index]!, depth),
    channels: rounding.width(channels, width),
    stride: 2,
  }));
}

/** 1×1 to the branch's width, 3×3 in groups with the stride, squeeze-and-excite, 1×1. */
function branch(
  net: NetworkBuilder,
  activated: Tensor,
  place: { readonly channels: number; readonly stride: number; readonly isFirst: boolean },
  knobs: Knobs,
  rounding: Rounding,
): Tensor {
  const { channels, stride, isFirst } = place;
  const gamma = gammas[knobs.activation];
  const wanted = channelsOf(activated) * (isFirst ? 1 : knobs.expandRatio);
  const group = knobs.groupSize === 'dense' ? 1 : knobs.groupSize;
  const width = Math.max(group, rounding.branch(wanted, group));
  let x = net.standardizedConv('expand', activated, { channels: width, kernel: 1, gamma });
  x = net.activate('act1', x);
  const spatial = { channels: width, kernel: 3, stride, groupSize: knobs.groupSize, gamma };
  x = net.standardizedConv('spatial', x, spatial);
  const hidden = rounding.squeeze(width * squeezeRatio);
  x = net.squeezeExcite('se', { tensor: x }, { hidden, activation: 'relu', gain: squeezeGain });
  return net.standardizedConv('project', net.activate('act2', x), { channels, kernel: 1, gamma });
}

function build(
  net: NetworkBuilder,
  images: Tensor,
  knobs: Knobs,
  member: Member,
  rounding: Rounding,
): Tensor {
  const gamma = gammas[knobs.activation];
  const stages = stagesOf(member, knobs, rounding);
  const stem = net.graph.stage('stem', () =>
    net.standardizedConv('entry', images, { channels: stages[0]!.channels, kernel: 3, stride: 2, gamma: 1 }),
  );
  const variance = new ExpectedVariance();
  const blocks = stages.reduce((sum, { repeats }) => sum + repeats, 0);
  let blockIndex = 0;
  const features = residualStages(net, stem, stages, (input, { channels, stride, repeat }) => {
    const isFirst = blockIndex === 0;
    const survival = 1 - (dropPath * blockIndex) / blocks;
    blockIndex += 1;
    const block = {
      channels,
      stride,
      isTransition: repeat === 1,
      variance,
      gamma,
      survival,
      shortcut: 'mean, then convolution',
      skipInit: rounding.skipInit,
    } as const;
    return normalizerFreeBlock(net, input, block, (activated) =>
      branch(net, activated, { channels, stride, isFirst }, knobs, rounding),
    );
  });
  return net.graph.stage('head', () => {
    const channels = rounding.head(member.widths[3], knobs.width);
    const x = net.activate(
      'act',
      net.standardizedConv('expand', features, { channels, kernel: 1, gamma: 1 }),
    );
    return net.classifier(x, { classes, dropout: member.dropout });
  });
}

/** NF-RegNet B0–B8, with the channels of the paper's code and with those of timm. */
export const nfRegNets: readonly Model[] = roundings.flatMap((rounding) =>
  Object.entries(members).map(([size, member]): Model => ({
    name: `nf-regnet-${size}${rounding.suffix}`,
    family: 'NF-RegNet',
    source: rounding.source,
    resolution: { native: member.native, train: member.train },
    defaults: {
      ...residualDefaults,
      groupSize,
      expandRatio,
      norm: { kind: 'none', proxy: false },
      activation: 'swish',
      width: widthCoefficient,
    },
    knobs: ['groupSize', 'expandRatio', 'activation', 'width', 'depth', 'padding'],
    refusals: { norm: noNorm },
    stages: (knobs) => {
      const stages = stagesOf(member, knobs, rounding);
      return [
        plainRow('stem', 'conv', 3, 2, stages[0]!.channels),
        ...stageRows('NF inverted bottleneck, SE', stages).map((row) => ({
          ...row,
          expandRatio: knobs.expandRatio,
        })),
        { ...classifierRow, block: 'conv, mean, dense' },
      ];
    },
    build: (net, images, knobs) => build(net, images, knobs, member, rounding),
  })),
);
