import type { Tensor } from '../../graph/graph.ts';
import { makeDivisible, scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
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

/** Stages of F0 (Brock et al. 2021, arXiv 2102.06171, §4); member F(N − 1) has N times the blocks. */
const stages: readonly ResidualStage[] = [
  { repeats: 1, channels: 256, stride: 1 },
  { repeats: 2, channels: 512, stride: 2 },
  { repeats: 6, channels: 1536, stride: 2 },
  { repeats: 3, channels: 1536, stride: 2 },
];

/** Four 3×3; the first and the last have stride 2. */
const stem = [
  { channels: 16, stride: 2 },
  { channels: 32, stride: 1 },
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
] as const;

/** Rate at which the last branch is dropped. */
const dropPath = 0.1;

interface Member {
  readonly depth: number;
  readonly train: number;
  readonly native: number;
  readonly dropout: number;
  readonly groupSize: number;
  /** Inner channels as a part of what a block puts out. */
  readonly bottleneck: number;
  /** Squeeze width for so many channels. */
  readonly squeeze: (channels: number) => number;
  readonly head: number;
  readonly activation: Knobs['activation'];
  readonly skipInit: boolean;
  readonly source: string;
}

const paper = {
  groupSize: 128,
  bottleneck: 0.5,
  squeeze: (channels: number) => Math.max(1, Math.floor(channels * 0.5)),
  head: 3072,
  activation: 'gelu',
  skipInit: true,
  source: 'Brock et al. 2021 (arXiv 2102.06171), table 1 and its code, nfnet.py',
} as const;

/** Blocks, resolutions and dropout (deepmind/deepmind-research @ d8df4155, nfnets/nfnet.py); L0 is timm's. */
const members: Readonly<Record<string, Member>> = {
  f0: { ...paper, depth: 1, train: 192, native: 256, dropout: 0.2 },
  f1: { ...paper, depth: 2, train: 224, native: 320, dropout: 0.3 },
  f2: { ...paper, depth: 3, train: 256, native: 352, dropout: 0.4 },
  f3: { ...paper, depth: 4, train: 320, native: 416, dropout: 0.4 },
  f4: { ...paper, depth: 5, train: 384, native: 512, dropout: 0.5 },
  f5: { ...paper, depth: 6, train: 416, native: 544, dropout: 0.5 },
  f6: { ...paper, depth: 7, train: 448, native: 576, dropout: 0.5 },
  f7: { ...paper, depth: 8, train: 480, native: 608, dropout: 0.5 },
  l0: {
    depth: 1,
    train: 224,
    native: 288,
    dropout: 0.2,
    groupSize: 64,
    bottleneck: 0.25,
    squeeze: (channels) => makeDivisible(channels * 0.25),
    head: 2304,
    activation: 'swish',
    skipInit: false,
    source: 'timm @ aa4b5850, nfnet.py (nfnet_l0), after arXiv 2102.06171',
  },
};

function stagesOf({ width, depth }: Knobs): ResidualStage[] {
  return stages.map(({ repeats, channels, stride }) => ({
    repeats: scaleDepth(repeats, depth),
    channels: scaleWidth(channels, width),
    stride,
  }));
}

/** 1×1, two 3×3 in groups, the first with the stride, 1×1, squeeze-and-excite (figure 5). */
function branch(
  net: NetworkBuilder,
  activated: Tensor,
  place: { readonly channels: number; readonly stride: number },
  { groupSize, activation }: Knobs,
  member: Member,
): Tensor {
  const gamma = gammas[activation];
  const inner = Math.floor(place.channels * member.bottleneck);
  let x = net.standardizedConv('reduce', activated, { channels: inner, kernel: 1, gamma });
  x = net.activate('act1', x);
  const spatial = { channels: inner, kernel: 3, groupSize, gamma };
  x = net.standardizedConv('spatial1', x, { ...spatial, stride: place.stride });
  x = net.activate('act2', x);
  x = net.standardizedConv('spatial2', x, spatial);
  x = net.activate('act3', x);
  x = net.standardizedConv('expand', x, { channels: place.channels, kernel: 1, gamma });
  const hidden = member.squeeze(place.channels);
  return net.squeezeExcite('se', { tensor: x }, { hidden, activation: 'relu', gain: squeezeGain });
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, member: Member): Tensor {
  const gamma = gammas[knobs.activation];
  const entrance = net.graph.stage('stem', () =>
    stem.reduce((x, { channels, stride }, index) => {
      const first = index === 0;
      return net.standardizedConv(`entry${index + 1}`, first ? x : net.activate(`act${index}`, x), {
        channels: scaleWidth(channels, knobs.width),
        kernel: 3,
        stride,
        gamma: first ? 1 : gamma,
      });
    }, images),
  );
  const variance = new ExpectedVariance();
  const blocks = stagesOf(knobs).reduce((sum, { repeats }) => sum + repeats, 0);
  let blockIndex = 0;
  const features = residualStages(net, entrance, stagesOf(knobs), (input, { channels, stride, repeat }) => {
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
      skipInit: member.skipInit,
    } as const;
    return normalizerFreeBlock(net, input, block, (activated) =>
      branch(net, activated, { channels, stride }, knobs, member),
    );
  });
  return net.graph.stage('head', () => {
    const channels = scaleWidth(member.head, knobs.width);
    const x = net.activate(
      'act',
      net.standardizedConv('expand', features, { channels, kernel: 1, gamma: 1 }),
    );
    return net.classifier(x, { classes, dropout: member.dropout });
  });
}

/** NFNet F0–F7, and timm's L0. */
export const nfNets: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `nfnet-${size}`,
  family: 'NFNet',
  source: member.source,
  resolution: { native: member.native, train: member.train },
  defaults: {
    ...residualDefaults,
    norm: { kind: 'none', proxy: false },
    groupSize: member.groupSize,
    activation: member.activation,
    depth: member.depth,
  },
  knobs: ['groupSize', 'activation', 'width', 'depth', 'padding'],
  refusals: { norm: noNorm, expandRatio: 'its bottlenecks narrow by a rule of the family' },
  stages: (knobs) => [
    plainRow('stem', 'conv ×4', 3, 2, scaleWidth(stem.at(-1)!.channels, knobs.width)),
    ...stageRows('NF bottleneck, SE', stagesOf(knobs)),
    { ...classifierRow, block: 'conv, mean, dense' },
  ],
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
