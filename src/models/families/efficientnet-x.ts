import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import { invertedBottleneck } from '../layers/inverted-bottleneck.ts';
import type { Knobs } from '../knobs.ts';
import type { Model, StageRow } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { buildStages } from '../layers/stages.ts';

/**
 * EfficientNet-X and -H (Li et al. 2021, arXiv 2102.05610) as in tensorflow/tpu @ 7dc921f8, efficientnet_x_builder.py:
 * a convolution of stride 2 in place of a reshaping moves space into depth, and the next two stages are fused.
 */
interface Stage {
  readonly kernel: number;
  readonly stride: number;
  readonly expandRatio: { readonly x: number; readonly h: number };
  readonly channels: number;
  readonly repeats: number;
  readonly isFused?: boolean;
  /** 'enter': a 2×2 convolution of stride 2 makes four times the channels; 'leave': they, and the stride, are taken back. */
  readonly spaceToDepth?: 'enter' | 'leave';
  /** 'knob' is the variant's: swish by default. */
  readonly activation: 'relu' | 'knob';
}

const six = { x: 6, h: 6 };
/** -H expands less in its wide early stages. */
const less = { x: 6, h: 4 };

const stages: readonly Stage[] = [
  {
    kernel: 2,
    stride: 1,
    expandRatio: { x: 1, h: 1 },
    channels: 16,
    repeats: 1,
    spaceToDepth: 'enter',
    activation: 'relu',
  },
  {
    kernel: 3,
    stride: 2,
    expandRatio: less,
    channels: 24,
    repeats: 2,
    isFused: true,
    spaceToDepth: 'leave',
    activation: 'knob',
  },
  {
    kernel: 5,
    stride: 2,
    expandRatio: less,
    channels: 40,
    repeats: 2,
    isFused: true,
    activation: 'knob',
  },
  { kernel: 3, stride: 2, expandRatio: less, channels: 80, repeats: 3, activation: 'relu' },
  { kernel: 5, stride: 1, expandRatio: six, channels: 112, repeats: 3, activation: 'relu' },
  { kernel: 5, stride: 2, expandRatio: six, channels: 192, repeats: 4, activation: 'relu' },
  { kernel: 3, stride: 1, expandRatio: six, channels: 320, repeats: 1, activation: 'relu' },
];

const stem = { kernel: 3, stride: 2 } as const;
const head = { kernel: 1, stride: 1 } as const;
const classes = 1000;
/** Channels for one, where a 2×2 square of positions becomes one. */
const squareOfPositions = 4;

interface Member {
  readonly version: 'x' | 'h';
  readonly width: number;
  readonly depth: number;
  readonly dropout: number;
  readonly resolution: number;
  /** Squeeze width as a part of the block's input channels. */
  readonly squeezeRatio: number;
}

const members: Readonly<Record<string, Member>> = {
  'x-b0': { version: 'x', width: 1.0, depth: 1.0, dropout: 0.2, resolution: 224, squeezeRatio: 4 * 0.25 },
  'x-b1': { version: 'x', width: 1.0, depth: 1.1, dropout: 0.2, resolution: 240, squeezeRatio: 2 * 0.25 },
  'x-b2': { version: 'x', width: 1.1, depth: 1.2, dropout: 0.3, resolution: 260, squeezeRatio: 0.25 },
  'x-b3': { version: 'x', width: 1.2, depth: 1.4, dropout: 0.3, resolution: 300, squeezeRatio: 0.25 },
  'x-b4': { version: 'x', width: 1.4, depth: 1.8, dropout: 0.4, resolution: 380, squeezeRatio: 0.25 },
  'x-b5': { version: 'x', width: 1.6, depth: 2.2, dropout: 0.4, resolution: 456, squeezeRatio: 0.25 },
  'x-b6': { version: 'x', width: 1.8, depth: 2.6, dropout: 0.5, resolution: 528, squeezeRatio: 0.25 },
  'x-b7': { version: 'x', width: 2.0, depth: 3.1, dropout: 0.5, resolution: 600, squeezeRatio: 0.25 },
  'h-b5': { version: 'h', width: 1.92, depth: 2.2, dropout: 0.4, resolution: 456, squeezeRatio: 0.25 },
  'h-b6': { version: 'h', width: 2.16, depth: 2.6, dropout: 0.5, resolution: 528, squeezeRatio: 0.25 },
  'h-b7': { version: 'h', width: 2.4, depth: 3.1, dropout: 0.5, resolution: 600, squeezeRatio: 0.25 },
};

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, member: Member): Tensor {
  const { width, depth, groupSize, activation } = knobs;
  const scaled = stages.map((stage, index) => ({
    ...stage,
    /** As the table has it, before space became depth. */
    inputs: scaleWidth(stages[index - 1]?.channels ?? 32, width),
    channels: scaleWidth(stage.channels, width),
    repeats: scaleDepth(stage.repeats, depth),
  }));
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: scaleWidth(32, width), activation: 'relu' }),
  );
  const features = buildStages(net, entry, scaled, 0.8, (x, { stage, repeat, survival }) => {
    const act: ActivationName = stage.activation === 'knob' ? activation : stage.activation;
    const isFirst = repeat === 0;
    const block = {
      kernel: stage.kernel,
      stride: isFirst && stage.spaceToDepth === undefined ? stage.stride : 1,
      groupSize,
      isFused: stage.isFused ?? false,
      activation: act,
      // Symmetric padding would shrink what a 2×2 window sees.
      ...(stage.spaceToDepth === 'enter' && { padding: 'same' as const }),
    };
    const squeeze = (inputs: number, part = 1) => ({
      hidden: Math.max(1, Math.floor(Math.floor(inputs * member.squeezeRatio) / part)),
    });
    if (stage.spaceToDepth === 'enter') {
      const channels = squareOfPositions * stage.channels;
      if (!isFirst) {
        const expanded = channelsOf(x);
        return invertedBottleneck(
          net,
          x,
          { ...block, expanded, channels, squeeze: squeeze(expanded) },
          survival,
        );
      }
      const expanded = squareOfPositions * stage.inputs;
      const deep = net.convNormAct('spaceToDepth', x, {
        channels: expanded,
        kernel: 2,
        stride: 2,
        padding: 'same',
        activation: act,
      });
      return invertedBottleneck(
        net,
        deep,
        { ...block, expanded, channels, squeeze: squeeze(expanded, squareOfPositions) },
        survival,
      );
    }
    const inputs = isFirst ? stage.inputs : stage.channels;
    const expanded = inputs * stage.expandRatio[member.version];
    return invertedBottleneck(
      net,
      x,
      { ...block, expanded, channels: stage.channels, squeeze: squeeze(inputs) },
      survival,
    );
  });
  return net.graph.stage('head', () => {
    const channels = scaleWidth(1280, width);
    const { tensor } = net.convNormActUnscaled('expand', features, { ...head, channels, activation: 'relu' });
    return net.classifier(tensor, { classes, dropout: member.dropout });
  });
}

function stageRows({ width, depth }: Knobs, { version }: Member): StageRow[] {
  const plain = (stage: string, layer: typeof stem | typeof head, channels: number): StageRow => ({
    stage,
    block: 'conv',
    ...layer,
    expandRatio: null,
    channels: scaleWidth(channels, width),
    repeats: 1,
  });
  return [
    plain('stem', stem, 32),
    ...stages.map((stage, index) => ({
      stage: `stages.${index + 1}`,
      block: stage.spaceToDepth === 'enter' ? 'space to depth' : `${stage.isFused ? 'fused ' : ''}MBConv, SE`,
      kernel: stage.kernel,
      // The space-to-depth convolution takes the stride that the next stage then lacks.
      stride: stage.spaceToDepth === 'enter' ? 2 : stage.spaceToDepth === 'leave' ? 1 : stage.stride,
      expandRatio: stage.expandRatio[version],
      channels: (stage.spaceToDepth === 'enter' ? squareOfPositions : 1) * scaleWidth(stage.channels, width),
      repeats: scaleDepth(stage.repeats, depth),
    })),
    plain('head', head, 1280),
  ];
}

/** EfficientNet-X-B0–B7 and EfficientNet-H-B5–B7. */
export const efficientNetXs: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `efficientnet-${size}`,
  family: 'EfficientNet-X/H',
  source: 'Li et al. 2021 (arXiv 2102.05610), as in tensorflow/tpu @ 7dc921f8',
  resolution: { native: member.resolution },
  defaults: { ...efficientNetDefaults, width: member.width, depth: member.depth },
  knobs: ['groupSize', 'norm', 'activation', 'width', 'depth', 'padding'],
  refusals: { expandRatio: 'its table gives the expansion of each stage' },
  stages: (knobs) => stageRows(knobs, member),
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
