import type { Tensor } from '../../graph/graph.ts';
import { makeDivisible } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import { invertedBranch } from '../layers/inverted-bottleneck.ts';
import type { Knobs } from '../knobs.ts';
import type { Model, StageRow } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { buildStages } from '../layers/stages.ts';

interface Child {
  readonly resolution: number;
  readonly stem: number;
  /** A number for each of the seven stages. */
  readonly channels: readonly number[];
  readonly kernels: readonly number[];
  readonly expandRatios: readonly number[];
  readonly repeats: readonly number[];
  /** Channels after the pooling. */
  readonly hidden: number;
}

/** What all children share: strides, and squeeze-and-excite in four of the stages. */
const strides = [1, 2, 2, 2, 1, 2, 1] as const;
const hasSqueeze = [false, false, true, false, true, true, true] as const;

/**
 * The children that AttentiveNAS found in a space like that of BigNAS (Wang et al. 2021; facebookresearch/AttentiveNAS
 * @ c4c16f17, README and configuration of the evaluated models).
 */
const children: Readonly<Record<string, Child>> = {
  a0: {
    resolution: 192,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 192, 216],
    kernels: [3, 3, 3, 3, 3, 3, 3],
    expandRatios: [1, 4, 4, 4, 4, 6, 6],
    repeats: [1, 3, 3, 3, 3, 3, 1],
    hidden: 1792,
  },
  a1: {
    resolution: 224,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 192, 216],
    kernels: [3, 3, 3, 5, 3, 5, 3],
    expandRatios: [1, 4, 4, 4, 4, 6, 6],
    repeats: [1, 3, 3, 3, 3, 3, 1],
    hidden: 1984,
  },
  a2: {
    resolution: 224,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 200, 224],
    kernels: [3, 3, 3, 3, 3, 5, 3],
    expandRatios: [1, 4, 5, 4, 4, 6, 6],
    repeats: [1, 3, 3, 3, 3, 4, 1],
    hidden: 1984,
  },
  a3: {
    resolution: 224,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 208, 224],
    kernels: [3, 3, 3, 5, 3, 3, 3],
    expandRatios: [1, 4, 4, 4, 4, 6, 6],
    repeats: [2, 3, 3, 4, 3, 5, 1],
    hidden: 1984,
  },
  a4: {
    resolution: 256,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 192, 216],
    kernels: [3, 3, 3, 5, 3, 5, 3],
    expandRatios: [1, 4, 4, 5, 4, 6, 6],
    repeats: [1, 3, 3, 4, 3, 5, 1],
    hidden: 1984,
  },
  a5: {
    resolution: 256,
    stem: 16,
    channels: [16, 24, 32, 72, 112, 192, 216],
    kernels: [3, 3, 3, 5, 3, 3, 3],
    expandRatios: [1, 4, 5, 4, 4, 6, 6],
    repeats: [1, 3, 3, 3, 4, 6, 1],
    hidden: 1792,
  },
  a6: {
    resolution: 288,
    stem: 16,
    channels: [16, 24, 32, 64, 112, 216, 224],
    kernels: [3, 3, 3, 3, 3, 5, 3],
    expandRatios: [1, 4, 6, 5, 4, 6, 6],
    repeats: [1, 3, 3, 4, 4, 6, 1],
    hidden: 1984,
  },
};

const stem = { kernel: 3, stride: 2 } as const;
/** The last convolution widens by this much. */
const headExpandRatio = 6;

function stagesOf(child: Child) {
  return strides.map((stride, index) => ({
    stride,
    kernel: child.kernels[index]!,
    expandRatio: child.expandRatios[index]!,
    channels: child.channels[index]!,
    repeats: child.repeats[index]!,
    hasSqueeze: hasSqueeze[index]!,
  }));
}

/** Every block is residual: where the shape changes, the shortcut pools and mixes channels, without a norm. */
function shortcut(net: NetworkBuilder, input: Tensor, stride: number, channels: number): Tensor {
  return net.graph.layer('shortcut', () => {
    const pooled =
      stride === 1
        ? input
        : net.pool('pool', input, { function: 'average', kernel: 2, stride, padding: 'same' });
    return channelsOf(pooled) === channels ? pooled : net.conv('mix', pooled, { channels, kernel: 1 });
  });
}

function build(net: NetworkBuilder, images: Tensor, { groupSize }: Knobs, child: Child): Tensor {
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: child.stem }),
  );
  const features = buildStages(net, entry, stagesOf(child), 0.8, (x, { stage, repeat, survival }) => {
    const stride = repeat === 0 ? stage.stride : 1;
    const { kernel, channels } = stage;
    const expanded = makeDivisible(channelsOf(x) * stage.expandRatio);
    const squeeze = {
      hidden: makeDivisible(Math.floor(expanded / 4)),
      activation: 'relu',
      gate: 'hard-sigmoid',
    } as const;
    const block = { kernel, stride, expanded, channels, groupSize, ...(stage.hasSqueeze && { squeeze }) };
    const branch = invertedBranch(net, x, block);
    return net.add(shortcut(net, x, stride, channels), net.dropPath(branch, survival));
  });
  return net.graph.stage('head', () => {
    const { tensor } = net.convNormActUnscaled('expand', features, {
      channels: headExpandRatio * channelsOf(features),
      kernel: 1,
    });
    const hidden = { channels: child.hidden, bias: false };
    return net.classifier(tensor, { classes: 1000, dropout: 0.2, hidden });
  });
}

function stageRows(child: Child): StageRow[] {
  const stages = stagesOf(child);
  return [
    { stage: 'stem', block: 'conv', ...stem, expandRatio: null, channels: child.stem, repeats: 1 },
    ...stages.map(({ hasSqueeze: squeezes, ...stage }, index) => ({
      ...stage,
      stage: `stages.${index + 1}`,
      block: squeezes ? 'MBConv, SE' : 'MBConv',
    })),
    {
      stage: 'head',
      block: 'conv',
      kernel: 1,
      stride: 1,
      expandRatio: null,
      channels: headExpandRatio * stages.at(-1)!.channels,
      repeats: 1,
    },
  ];
}

const searched = {
  expandRatio: 'the search set the expansion of each stage',
  width: 'the search set the channels of each stage',
  depth: 'the search set the repeats of each stage',
} as const;

/** AttentiveNAS-A0–A6. */
export const attentiveNasNets: readonly Model[] = Object.entries(children).map(([size, child]) => ({
  name: `attentivenas-${size}`,
  aliases: [`attentive-nas-${size}`],
  family: 'AttentiveNAS',
  source: 'Wang et al. 2021 (arXiv 2011.09011), as in facebookresearch/AttentiveNAS @ c4c16f17',
  resolution: { native: child.resolution },
  defaults: { ...efficientNetDefaults, expandRatio: 1, padding: 'symmetric', width: 1, depth: 1 },
  knobs: ['groupSize', 'norm', 'activation', 'padding'],
  refusals: searched,
  stages: () => stageRows(child),
  build: (net, images, knobs) => build(net, images, knobs, child),
}));
