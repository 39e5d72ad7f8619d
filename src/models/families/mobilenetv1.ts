import type { Tensor } from '../../graph/graph.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { buildStages } from '../layers/stages.ts';

/** MobileNet (Howard et al. 2017, table 1): depthwise and pointwise convolutions, no sums. */
const stages = [
  { stride: 1, channels: 64, repeats: 1 },
  { stride: 2, channels: 128, repeats: 2 },
  { stride: 2, channels: 256, repeats: 2 },
  { stride: 2, channels: 512, repeats: 6 },
  { stride: 2, channels: 1024, repeats: 2 },
] as const;

const stem = { kernel: 3, stride: 2 } as const;

function scaled({ width, depth }: Knobs) {
  return stages.map((stage) => ({
    ...stage,
    channels: scaleWidth(stage.channels, width),
    repeats: scaleDepth(stage.repeats, depth),
  }));
}

interface Member {
  readonly width: number;
  /** timm's hybrid has a convolution before the pooling. */
  readonly head?: number;
  readonly aliases: readonly string[];
}

const members: Readonly<Record<string, Member>> = {
  mobilenetv1: { width: 1, aliases: ['mobilenet', 'mobilenet-v1', 'mobilenetv1-100'] },
  'mobilenetv1-125': { width: 1.25, aliases: [] },
  'mobilenetv1-100h': { width: 1, head: 1024, aliases: [] },
};

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, { head }: Member): Tensor {
  const { width, groupSize } = knobs;
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: scaleWidth(32, width) }),
  );
  const features = buildStages(net, entry, scaled(knobs), 1, (x, { stage, repeat }) => {
    const stride = repeat === 0 ? stage.stride : 1;
    const spatial = net.convNormAct('spatial', x, { channels: channelsOf(x), kernel: 3, stride, groupSize });
    return net.convNormAct('pointwise', spatial, { channels: stage.channels, kernel: 1 });
  });
  return net.graph.stage('head', () => {
    const last =
      head === undefined
        ? features
        : net.convNormAct('expand', features, {
            channels: Math.max(head, scaleWidth(head, width)),
            kernel: 1,
          });
    return net.classifier(last, { classes: 1000, dropout: 0.001 });
  });
}

/** MobileNetV1, and two of timm's. */
export const mobileNetV1s: readonly Model[] = Object.entries(members).map(([name, member]) => ({
  name,
  aliases: member.aliases,
  family: 'MobileNetV1',
  source: 'Howard et al. 2017 (arXiv 1704.04861), table 1',
  resolution: { native: 224 },
  defaults: {
    ...efficientNetDefaults,
    expandRatio: 1,
    activation: 'relu6',
    padding: 'symmetric',
    width: member.width,
    depth: 1,
  },
  knobs: ['groupSize', 'norm', 'activation', 'width', 'depth', 'padding'],
  refusals: { expandRatio: 'its blocks do not widen' },
  stages: (knobs) => [
    {
      stage: 'stem',
      block: 'conv',
      ...stem,
      expandRatio: null,
      channels: scaleWidth(32, knobs.width),
      repeats: 1,
    },
    ...scaled(knobs).map((stage, index) => ({
      stage: `stages.${index + 1}`,
      block: 'depthwise separable',
      kernel: 3,
      expandRatio: null,
      ...stage,
    })),
  ],
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
