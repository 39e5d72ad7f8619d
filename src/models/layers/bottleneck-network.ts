import type { Tensor } from '../../graph/graph.ts';
import { invertedBottleneck, residual } from './inverted-bottleneck.ts';
import type { KnobName, Knobs } from '../knobs.ts';
import type { Model, StageRow } from '../model.ts';
import { channelsOf } from './layer-context.ts';
import type { NetworkBuilder } from './network-builder.ts';
import { buildStages } from './stages.ts';

/** A stage of inverted bottlenecks after scaling. The stride is the first block's; the others have stride 1. */
export interface BottleneckStage {
  readonly kernel: number;
  readonly stride: number;
  readonly expandRatio: number;
  readonly channels: number;
  readonly repeats: number;
  /** Squeeze width as a part of the block's *input* channels; without it no squeeze-and-excite. */
  readonly squeezeRatio?: number;
  /** Fused blocks; one that does not widen is a single convolution with an activation (Tan & Le 2021). */
  readonly isFused?: boolean;
}

/** A network of inverted bottlenecks between a 3×3 convolution of stride 2 and a 1×1 convolution, after scaling. */
export interface BottleneckNetwork {
  readonly stem: number;
  readonly stages: readonly BottleneckStage[];
  readonly head: number;
  readonly dropout: number;
  /** Survival of the last residual branch in stochastic depth: 1 is none. */
  readonly survival: number;
}

/** All of them mean something where one number scales each of width, depth and expansion. */
export const bottleneckKnobs: readonly KnobName[] = [
  'groupSize',
  'expandRatio',
  'norm',
  'activation',
  'width',
  'depth',
  'padding',
];

const stem = { kernel: 3, stride: 2 } as const;
const head = { kernel: 1, stride: 1 } as const;
const classes = 1000;

/** A model whose knobs make it such a network. */
export function bottleneckModel({
  plan,
  ...model
}: Omit<Model, 'stages' | 'build'> & { plan: (knobs: Knobs) => BottleneckNetwork }): Model {
  return {
    ...model,
    stages: (knobs) => stageRows(plan(knobs)),
    build: (net, images, knobs) => build(net, images, plan(knobs), knobs.groupSize),
  };
}

function build(
  net: NetworkBuilder,
  images: Tensor,
  plan: BottleneckNetwork,
  groupSize: Knobs['groupSize'],
): Tensor {
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: plan.stem }),
  );
  const features = buildStages(net, entry, plan.stages, plan.survival, (x, { stage, repeat, survival }) =>
    buildBlock(net, x, { ...stage, stride: repeat === 0 ? stage.stride : 1 }, groupSize, survival),
  );
  return net.graph.stage('head', () => {
    // The proxy's scale is left out: the dense layer absorbs it (§1.3 of the study's code).
    const { tensor } = net.convNormActUnscaled('expand', features, { ...head, channels: plan.head });
    return net.classifier(tensor, { classes, dropout: plan.dropout });
  });
}

function buildBlock(
  net: NetworkBuilder,
  input: Tensor,
  block: BottleneckStage,
  groupSize: Knobs['groupSize'],
  survival: number,
): Tensor {
  const { kernel, stride, expandRatio, channels, squeezeRatio, isFused = false } = block;
  if (isFused && expandRatio === 1) {
    return residual(net, input, net.convNormAct('fused', input, { channels, kernel, stride }), {
      stride,
      survival,
    });
  }
  const squeeze =
    squeezeRatio === undefined
      ? {}
      : { squeeze: { hidden: Math.max(1, Math.floor(channelsOf(input) * squeezeRatio)) } };
  const expanded = channelsOf(input) * expandRatio;
  return invertedBottleneck(
    net,
    input,
    { kernel, stride, expanded, channels, groupSize, isFused, ...squeeze },
    survival,
  );
}

function stageRows(plan: BottleneckNetwork): StageRow[] {
  const plain = (stage: string, layer: typeof stem | typeof head, channels: number): StageRow => ({
    stage,
    block: 'conv',
    ...layer,
    expandRatio: null,
    channels,
    repeats: 1,
  });
  return [
    plain('stem', stem, plan.stem),
    ...plan.stages.map(
      ({ isFused, squeezeRatio, kernel, stride, expandRatio, channels, repeats }, index) => ({
        stage: `stages.${index + 1}`,
        block: `${isFused ? 'fused MBConv' : 'MBConv'}${squeezeRatio === undefined ? '' : ', SE'}`,
        kernel,
        stride,
        expandRatio,
        channels,
        repeats,
      }),
    ),
    plain('head', head, plan.head),
  ];
}
