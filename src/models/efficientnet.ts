import type { Tensor } from '../graph/graph.ts';
import { scaleDepth, scaleWidth } from './compound-scaling.ts';
import type { Knobs } from './knobs.ts';
import type { Model, StageRow } from './model.ts';
import { channelsOf, type NetworkBuilder } from './network-builder.ts';

interface Stage {
  readonly kernel: number;
  readonly stride: number;
  /** 'knob' is what the variant sets: 6 in EfficientNet, 4 in the study's group convolutions. */
  readonly expandRatio: 1 | 'knob';
  readonly channels: number;
  readonly repeats: number;
}

/** EfficientNet-B0 (Tan & Le 2019, table 1). The stride is the first block's; the others have stride 1. */
const stages: readonly Stage[] = [
  { kernel: 3, stride: 1, expandRatio: 1, channels: 16, repeats: 1 },
  { kernel: 3, stride: 2, expandRatio: 'knob', channels: 24, repeats: 2 },
  { kernel: 5, stride: 2, expandRatio: 'knob', channels: 40, repeats: 2 },
  { kernel: 3, stride: 2, expandRatio: 'knob', channels: 80, repeats: 3 },
  { kernel: 5, stride: 1, expandRatio: 'knob', channels: 112, repeats: 3 },
  { kernel: 5, stride: 2, expandRatio: 'knob', channels: 192, repeats: 4 },
  { kernel: 3, stride: 1, expandRatio: 'knob', channels: 320, repeats: 1 },
];

const stem = { kernel: 3, stride: 2, channels: 32 } as const;
const head = { kernel: 1, stride: 1, channels: 1280 } as const;
const classes = 1000;

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

const defaults = {
  groupSize: 1,
  expandRatio: 6,
  norm: { kind: 'batch', proxy: false },
  activation: 'swish',
  padding: 'same',
} as const;

/** Inverted bottleneck with squeeze-and-excite (MBConv). The projection has no activation. */
function mbConv(
  net: NetworkBuilder,
  input: Tensor,
  block: {
    kernel: number;
    stride: number;
    expandRatio: number;
    channels: number;
    groupSize: Knobs['groupSize'];
    survival: number;
  },
): Tensor {
  const { kernel, stride, groupSize, channels } = block;
  const expanded = channelsOf(input) * block.expandRatio;
  let x = input;
  if (block.expandRatio > 1) x = net.convNormAct('expand', x, { channels: expanded, kernel: 1 });
  const spatial = net.convNormActUnscaled('spatial', x, { channels: expanded, kernel, stride, groupSize });
  const hidden = Math.max(1, Math.floor(channelsOf(input) * squeezeRatio));
  x = net.squeezeExcite('se', spatial, { hidden });
  x = net.convNorm('project', x, { channels, kernel: 1 });
  return stride === 1 && channelsOf(input) === channels ? net.add(input, net.dropPath(x, block.survival)) : x;
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, dropout: number): Tensor {
  const { width, depth, groupSize } = knobs;
  const blocks = stages.reduce((sum, { repeats }) => sum + scaleDepth(repeats, depth), 0);
  let blockIndex = 0;
  let x = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: scaleWidth(stem.channels, width) }),
  );
  for (const [index, stage] of stages.entries()) {
    const channels = scaleWidth(stage.channels, width);
    const expandRatio = stage.expandRatio === 'knob' ? knobs.expandRatio : stage.expandRatio;
    net.graph.stage(`stages.${index + 1}`, () => {
      for (let repeat = 1; repeat <= scaleDepth(stage.repeats, depth); repeat++) {
        const stride = repeat === 1 ? stage.stride : 1;
        const survival = 1 - ((1 - lastSurvival) * blockIndex) / blocks;
        blockIndex += 1;
        x = net.graph.block(`${repeat}`, () =>
          mbConv(net, x, { kernel: stage.kernel, stride, expandRatio, channels, groupSize, survival }),
        );
      }
    });
  }
  return net.graph.stage('head', () => {
    const channels = scaleWidth(head.channels, width);
    // The proxy's scale is left out: the dense layer absorbs it (§1.3 of the study's code).
    const { tensor } = net.convNormActUnscaled('expand', x, { ...head, channels });
    return net.classifier(tensor, { classes, dropout });
  });
}

function stageRows({ width, depth, expandRatio }: Knobs): StageRow[] {
  const plain = (stage: string, layer: typeof stem | typeof head): StageRow => ({
    stage,
    block: 'conv',
    kernel: layer.kernel,
    stride: layer.stride,
    expandRatio: null,
    channels: scaleWidth(layer.channels, width),
    repeats: 1,
  });
  return [
    plain('stem', stem),
    ...stages.map((stage, index) => ({
      stage: `stages.${index + 1}`,
      block: 'MBConv, SE',
      kernel: stage.kernel,
      stride: stage.stride,
      expandRatio: stage.expandRatio === 'knob' ? expandRatio : stage.expandRatio,
      channels: scaleWidth(stage.channels, width),
      repeats: scaleDepth(stage.repeats, depth),
    })),
    plain('head', head),
  ];
}

/** EfficientNet B0–B8 and L2. */
export const efficientNets: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `efficientnet-${size}`,
  aliases: [size],
  family: 'EfficientNet',
  source: 'Tan & Le 2019 (arXiv 1905.11946), table 1',
  resolution: { native: member.native, ...(member.half !== undefined && { half: member.half }) },
  defaults: { ...defaults, width: member.width, depth: member.depth },
  knobs: ['groupSize', 'expandRatio', 'norm', 'activation', 'width', 'depth', 'padding'],
  stages: stageRows,
  build: (net, images, knobs) => build(net, images, knobs, member.dropout),
}));
