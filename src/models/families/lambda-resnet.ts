import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import { lambdaLayer, type LambdaOptions } from '../layers/lambda-layer.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import {
  bottleneckExpansion,
  classes,
  classifierRow,
  deepStem,
  maxPool,
  plainRow,
  plainStem,
  postActivationObjection,
  residualDefaults,
  residualStages,
  resNetStages,
  shortcut,
  stageRows,
  type Shortcut,
} from '../layers/residual-blocks.ts';

/** A block each: `b` a bottleneck with a 3×3, `L` one with a lambda layer in its place. */
type Placement = readonly [string, string, string, string];

interface Member {
  readonly placement: Placement;
  readonly lambda: LambdaOptions;
  /** Channels of the stem; one number is a 7×7. */
  readonly stem: readonly number[];
  readonly shortcut: Shortcut;
  /** Squeeze-and-excite in blocks with a 3×3. */
  readonly squeezeRatio?: number;
  readonly activation: Knobs['activation'];
  readonly native: number;
  readonly source: string;
}

const window = (size: number, bias = false) => ({ kind: 'window', size, bias }) as const;

const everywhere: Placement = ['LLL', 'LLLL', 'LLLLLL', 'LLL'];

const paper = {
  stem: [64],
  shortcut: 'strided convolution',
  activation: 'relu',
  native: 224,
} as const;

/** timm @ aa4b5850, byoanet.py and layers/lambda_layer.py. */
const timm = {
  stem: [24, 32, 64],
  shortcut: 'mean, then convolution',
  native: 256,
  source: 'timm @ aa4b5850 (byoanet.py), after arXiv 2102.08602',
} as const;

const sixteenByFour = { heads: 4, key: 16, depth: 1 } as const;

/** Networks whose blocks are known: all lambda layers in the paper's first table, and timm's. */
const known: Readonly<Record<string, Member>> = {
  '50': {
    ...paper,
    placement: everywhere,
    lambda: { heads: 4, key: 16, depth: 4, context: window(7) },
    source: 'Bello 2021 (arXiv 2102.08602): ResNet-50 with a lambda layer for every 3×3, u = 4, r = 7',
  },
  '50-r23': {
    ...paper,
    placement: everywhere,
    lambda: { ...sixteenByFour, context: window(23) },
    source: 'Bello 2021 (arXiv 2102.08602): ResNet-50 with a lambda layer for every 3×3, u = 1, r = 23',
  },
  '26t': {
    ...timm,
    placement: ['bb', 'bb', 'bL', 'LL'],
    lambda: { ...sixteenByFour, context: window(9, true) },
    activation: 'relu',
  },
  '26rpt': {
    ...timm,
    placement: ['bb', 'bb', 'bL', 'LL'],
    lambda: { ...sixteenByFour, context: { kind: 'image' } },
    activation: 'relu',
  },
  '50ts': {
    ...timm,
    placement: ['bbb', 'bbbL', 'bLbLbL', 'bLb'],
    lambda: { ...sixteenByFour, context: window(9, true) },
    activation: 'swish',
  },
};

/**
 * The paper's hybrids, in which lambda layers stand in the last stage and at some places of the one before. Where exactly
 * is remembered from its appendix and confirmed by nothing: third-party ports agree on the depths only, and the published
 * 35 and 42 M parameters of 152 and 200 are those of another submission.
 */
const unconfirmed: Readonly<
  Record<
    number,
    {
      readonly blocks: readonly number[];
      readonly every: number;
      readonly last: number;
      readonly native: number;
    }
  >
> = {
  101: { blocks: [3, 4, 23, 3], every: 6, last: 18, native: 224 },
  152: { blocks: [3, 8, 36, 3], every: 5, last: 30, native: 256 },
  200: { blocks: [3, 24, 36, 3], every: 5, last: 30, native: 256 },
  270: { blocks: [4, 29, 53, 4], every: 8, last: 48, native: 256 },
  350: { blocks: [4, 36, 72, 4], every: 10, last: 60, native: 288 },
  420: { blocks: [4, 44, 87, 4], every: 10, last: 80, native: 320 },
};

function hybrid({ blocks, every, last, native }: (typeof unconfirmed)[number]): Member {
  const [first = 0, second = 0, third = 0, fourth = 0] = blocks;
  const places = Array.from({ length: third }, (_, index) => {
    const place = index + 1;
    return place % every === 0 && place <= last ? 'L' : 'b';
  });
  return {
    stem: [32, 32, 64],
    shortcut: 'mean, then convolution',
    activation: 'relu',
    native,
    placement: ['b'.repeat(first), 'b'.repeat(second), places.join(''), 'L'.repeat(fourth)],
    lambda: { ...sixteenByFour, context: window(23) },
    squeezeRatio: 0.25,
    source: 'After Bello 2021 (arXiv 2102.08602); where its lambda layers stand is unconfirmed',
  };
}

const members: Readonly<Record<string, Member>> = {
  ...known,
  ...Object.fromEntries(Object.entries(unconfirmed).map(([depth, rule]) => [depth, hybrid(rule)])),
};

/** Blocks of each stage, whatever kind they are. */
function blocksOf({ placement }: Member): number[] {
  return placement.map((blocks) => blocks.length);
}

/** Bottleneck of ResNet; the lambda layer sees the full extents, and a mean of 2×2 halves them after it. */
function block(
  net: NetworkBuilder,
  input: Tensor,
  place: { readonly channels: number; readonly stride: number; readonly isLambda: boolean },
  { groupSize }: Knobs,
  member: Member,
): Tensor {
  const { channels, stride, isLambda } = place;
  const outputs = channels * bottleneckExpansion;
  let x = net.convNormAct('reduce', input, { channels, kernel: 1 });
  if (isLambda) {
    x = lambdaLayer(net, 'lambda', x, member.lambda);
    if (stride > 1) x = net.pool('pool', x, { function: 'average', kernel: stride, stride, padding: 'same' });
    x = net.normAct('after', x);
  } else x = net.convNormAct('spatial', x, { channels, kernel: 3, stride, groupSize });
  x = net.convNorm('expand', x, { channels: outputs, kernel: 1 });
  if (!isLambda && member.squeezeRatio !== undefined) {
    const hidden = Math.max(1, Math.floor(channelsOf(x) * member.squeezeRatio));
    x = net.squeezeExcite('se', { tensor: x }, { hidden });
  }
  const other = shortcut(net, input, { kind: member.shortcut, channels: outputs, stride });
  return net.addAct(other, x);
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, member: Member): Tensor {
  const widths = member.stem.map((channels) => scaleWidth(channels, knobs.width));
  const stem = widths.length === 1 ? plainStem(net, images, widths[0]!) : deepStem(net, images, widths);
  const features = residualStages(
    net,
    maxPool(net, stem),
    resNetStages(blocksOf(member), knobs),
    (input, { stage, repeat, channels, stride }) => {
      const isLambda = member.placement[stage - 1]?.[repeat - 1] === 'L';
      return block(net, input, { channels, stride, isLambda }, knobs, member);
    },
  );
  return net.graph.stage('head', () => net.classifier(features, { classes, dropout: 0 }));
}

/** LambdaResNets whose placement is known, and hybrids that say that theirs is not. */
export const lambdaResNets: readonly Model[] = Object.entries(members).map(([size, member]): Model => ({
  name: `lambda-resnet-${size}`,
  aliases: [`lambda-resnet${size}`],
  family: size in unconfirmed ? 'LambdaResNet unconfirmed' : 'LambdaResNet',
  source: member.source,
  resolution: { native: member.native },
  defaults: { ...residualDefaults, activation: member.activation },
  knobs: ['groupSize', 'norm', 'activation', 'width', 'padding'],
  refusals: {
    expandRatio: 'a bottleneck puts out four times its inner channels in every ResNet',
    depth: 'its lambda layers stand at given places',
  },
  objection: (knobs) =>
    postActivationObjection(knobs) ??
    (knobs.groupSize !== 'dense' && member.placement === everywhere
      ? 'it has no 3×3 convolutions to put into groups'
      : undefined),
  stages: (knobs) => [
    plainRow(
      'stem',
      member.stem.length === 1 ? 'conv' : 'conv ×3',
      member.stem.length === 1 ? 7 : 3,
      2,
      scaleWidth(member.stem.at(-1)!, knobs.width),
    ),
    plainRow('pool', 'max pool', 3, 2, scaleWidth(member.stem.at(-1)!, knobs.width)),
    ...stageRows('', resNetStages(blocksOf(member), knobs), { expansion: bottleneckExpansion }).map(
      (row, index) => ({
        ...row,
        block: `bottleneck: ${describePlacement(member.placement[index]!)}`,
      }),
    ),
    classifierRow,
  ],
  build: (net, images, knobs) => build(net, images, knobs, member),
}));

function describePlacement(blocks: string): string {
  if (!blocks.includes('L')) return '3×3';
  if (!blocks.includes('b')) return 'lambda';
  const places = [...blocks].flatMap((block, index) => (block === 'L' ? [index + 1] : []));
  return `3×3, lambda in ${places.join(', ')}`;
}
