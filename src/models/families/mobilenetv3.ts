import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { makeDivisible, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import { invertedBottleneck } from '../layers/inverted-bottleneck.ts';
import type { Knobs } from '../knobs.ts';
import type { Model, StageRow } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { buildStages } from '../layers/stages.ts';

/** A row of the paper's tables; HS is the variant's activation, hard-swish by default. */
type Row = readonly [
  kernel: number,
  expanded: number,
  channels: number,
  squeeze: 'SE' | '-',
  activation: 'RE' | 'HS',
  stride: number,
  repeats: number,
];

interface Architecture {
  readonly blocks: readonly Row[];
  /** Channels of the last convolution, and of the dense layer after the pooling. */
  readonly last: number;
  readonly hidden: number;
}

/** MobileNetV3 (Howard et al. 2019, tables 1 and 2), with equal rows as one. */
const large: Architecture = {
  blocks: [
    [3, 16, 16, '-', 'RE', 1, 1],
    [3, 64, 24, '-', 'RE', 2, 1],
    [3, 72, 24, '-', 'RE', 1, 1],
    [5, 72, 40, 'SE', 'RE', 2, 1],
    [5, 120, 40, 'SE', 'RE', 1, 2],
    [3, 240, 80, '-', 'HS', 2, 1],
    [3, 200, 80, '-', 'HS', 1, 1],
    [3, 184, 80, '-', 'HS', 1, 2],
    [3, 480, 112, 'SE', 'HS', 1, 1],
    [3, 672, 112, 'SE', 'HS', 1, 1],
    [5, 672, 160, 'SE', 'HS', 2, 1],
    [5, 960, 160, 'SE', 'HS', 1, 2],
  ],
  last: 960,
  hidden: 1280,
};

const small: Architecture = {
  blocks: [
    [3, 16, 16, 'SE', 'RE', 2, 1],
    [3, 72, 24, '-', 'RE', 2, 1],
    [3, 88, 24, '-', 'RE', 1, 1],
    [5, 96, 40, 'SE', 'HS', 2, 1],
    [5, 240, 40, 'SE', 'HS', 1, 2],
    [5, 120, 48, 'SE', 'HS', 1, 1],
    [5, 144, 48, 'SE', 'HS', 1, 1],
    [5, 288, 96, 'SE', 'HS', 2, 1],
    [5, 576, 96, 'SE', 'HS', 1, 2],
  ],
  last: 576,
  hidden: 1024,
};

/** As released beside the paper: 3×3 kernels and ReLU only, no squeeze-and-excite. */
function minimalistic({ blocks, ...ends }: Architecture): Architecture {
  return {
    ...ends,
    blocks: blocks.map(([, expanded, channels, , , stride, repeats]): Row => [
      3,
      expanded,
      channels,
      '-',
      'HS',
      stride,
      repeats,
    ]),
  };
}

interface Member {
  readonly architecture: Architecture;
  readonly width: number;
  readonly activation: ActivationName;
  readonly aliases: readonly string[];
}

const hardSwish = { activation: 'hard-swish' } as const;
const relu = { activation: 'relu' } as const;

const members: Readonly<Record<string, Member>> = {
  large: {
    architecture: large,
    width: 1,
    ...hardSwish,
    aliases: ['mobilenet-v3-large', 'mobilenetv3-large-100', 'mobilenetv3-rw'],
  },
  'large-075': { architecture: large, width: 0.75, ...hardSwish, aliases: [] },
  'large-minimal': {
    architecture: minimalistic(large),
    width: 1,
    ...relu,
    aliases: ['mobilenetv3-large-minimal-100', 'mobilenetv3-large-minimalistic'],
  },
  small: {
    architecture: small,
    width: 1,
    ...hardSwish,
    aliases: ['mobilenet-v3-small', 'mobilenetv3-small-100'],
  },
  'small-075': { architecture: small, width: 0.75, ...hardSwish, aliases: [] },
  'small-050': { architecture: small, width: 0.5, ...hardSwish, aliases: [] },
  'small-minimal': {
    architecture: minimalistic(small),
    width: 1,
    ...relu,
    aliases: ['mobilenetv3-small-minimal-100', 'mobilenetv3-small-minimalistic'],
  },
};

const stem = { kernel: 3, stride: 2 } as const;

/** timm keeps the stem where the network gets narrower than three quarters. */
function stemChannels(width: number): number {
  return width < 0.75 ? 16 : scaleWidth(16, width);
}

interface Stage {
  readonly kernel: number;
  readonly stride: number;
  /** Of the block's input: what the paper's channels in the middle come to. */
  readonly expandRatio: number;
  readonly channels: number;
  readonly hasSqueeze: boolean;
  readonly activation: 'RE' | 'HS';
  readonly repeats: number;
}

/** Rows that start a stage are those with a stride; expansion follows the scaled input, as in timm's code. */
function scaled({ blocks }: Architecture, width: number): Stage[] {
  let inputs = 16;
  return blocks.map(([kernel, expanded, channels, squeeze, activation, stride, repeats]) => {
    const expandRatio = expanded / inputs;
    inputs = channels;
    return {
      kernel,
      stride,
      expandRatio,
      channels: scaleWidth(channels, width),
      hasSqueeze: squeeze === 'SE',
      activation,
      repeats,
    };
  });
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, { architecture }: Member): Tensor {
  const { width, groupSize } = knobs;
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: stemChannels(width) }),
  );
  const stages = scaled(architecture, width);
  const features = buildStages(net, entry, stages, 1, (x, { stage, repeat, survival }) => {
    const expanded = makeDivisible(channelsOf(x) * stage.expandRatio);
    const block = {
      kernel: stage.kernel,
      stride: repeat === 0 ? stage.stride : 1,
      expanded,
      channels: stage.channels,
      groupSize,
      activation: stage.activation === 'RE' ? ('relu' as const) : knobs.activation,
      ...(stage.hasSqueeze && {
        squeeze: { hidden: makeDivisible(expanded / 4), activation: 'relu', gate: 'hard-sigmoid' } as const,
      }),
    };
    return invertedBottleneck(net, x, block, survival);
  });
  return net.graph.stage('head', () => {
    const { last, hidden } = architecture;
    const { tensor } = net.convNormActUnscaled('expand', features, {
      channels: scaleWidth(last, width),
      kernel: 1,
    });
    return net.classifier(tensor, {
      classes: 1000,
      dropout: 0.2,
      hidden: { channels: hidden, bias: true },
    });
  });
}

function stageRows({ width }: Knobs, { architecture }: Member): StageRow[] {
  const row = (stage: string, channels: number, kernel: number, stride: number): StageRow => ({
    stage,
    block: 'conv',
    kernel,
    stride,
    expandRatio: null,
    channels,
    repeats: 1,
  });
  return [
    row('stem', stemChannels(width), stem.kernel, stem.stride),
    ...scaled(architecture, width).map(({ hasSqueeze, activation, expandRatio, ...stage }, index) => ({
      ...stage,
      stage: `stages.${index + 1}`,
      block: `MBConv${hasSqueeze ? ', SE' : ''}, ${activation}`,
      expandRatio: Number(expandRatio.toFixed(2)),
    })),
    row('head', scaleWidth(architecture.last, width), 1, 1),
  ];
}

/** MobileNetV3-Large and -Small, and their widths and minimalistic forms. */
export const mobileNetV3s: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `mobilenetv3-${size}`,
  aliases: member.aliases,
  family: 'MobileNetV3',
  source: 'Howard et al. 2019 (arXiv 1905.02244), tables 1 and 2',
  resolution: { native: 224 },
  defaults: {
    ...efficientNetDefaults,
    expandRatio: 1,
    activation: member.activation,
    padding: 'symmetric',
    width: member.width,
    depth: 1,
  },
  knobs: ['groupSize', 'norm', 'activation', 'width', 'padding'],
  refusals: {
    expandRatio: 'its table gives the expansion of each block',
    depth: 'its table gives every block',
  },
  stages: (knobs) => stageRows(knobs, member),
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
