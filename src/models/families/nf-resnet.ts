import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
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
  bottleneckExpansion,
  classes,
  classifierRow,
  maxPool,
  plainRow,
  residualDefaults,
  residualStages,
  resNetStages,
  stageRows,
} from '../layers/residual-blocks.ts';

/** Blocks in each stage (deepmind/deepmind-research @ d8df4155, nfnets/nf_resnet.py; 26: timm). */
const repeats: Readonly<Record<number, readonly number[]>> = {
  26: [2, 2, 2, 2],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
  200: [3, 24, 36, 3],
  288: [24, 24, 24, 24],
  600: [50, 50, 50, 50],
};

interface Form {
  readonly prefix: 'nf-resnet' | 'nf-seresnet';
  readonly depths: readonly number[];
  readonly squeezeRatio?: number;
  readonly skipInit: boolean;
  readonly source: string;
}

/** The paper's code has the networks with SkipInit, timm those with squeeze-and-excite, without it. */
const forms: readonly Form[] = [
  {
    prefix: 'nf-resnet',
    depths: [50, 101, 152, 200, 288, 600],
    skipInit: true,
    source: 'Brock et al. 2021 (arXiv 2101.08692) and its code, nf_resnet.py',
  },
  {
    prefix: 'nf-resnet',
    depths: [26],
    skipInit: false,
    source: 'timm @ aa4b5850, nfnet.py, after arXiv 2101.08692',
  },
  {
    prefix: 'nf-seresnet',
    depths: [50, 101, 152, 200, 288],
    squeezeRatio: 1 / 16,
    skipInit: false,
    source: 'timm @ aa4b5850, nfnet.py, after arXiv 2101.08692',
  },
];

const stemChannels = 64;

const defaults = { ...residualDefaults, norm: { kind: 'none', proxy: false } } as const satisfies Knobs;

/** Bottleneck: 1×1, 3×3 with the stride, 1×1, squeeze-and-excite where there is one. */
function branch(
  net: NetworkBuilder,
  activated: Tensor,
  place: { readonly channels: number; readonly stride: number },
  { groupSize, activation }: Knobs,
  squeezeRatio: number | undefined,
): Tensor {
  const gamma = gammas[activation];
  const { channels, stride } = place;
  const outputs = channels * bottleneckExpansion;
  let x = net.standardizedConv('reduce', activated, { channels, kernel: 1, gamma });
  x = net.activate('act1', x);
  x = net.standardizedConv('spatial', x, { channels, kernel: 3, stride, groupSize, gamma });
  x = net.activate('act2', x);
  x = net.standardizedConv('expand', x, { channels: outputs, kernel: 1, gamma });
  if (squeezeRatio === undefined) return x;
  const hidden = Math.max(1, Math.floor(outputs * squeezeRatio));
  return net.squeezeExcite('se', { tensor: x }, { hidden, activation: 'relu', gain: squeezeGain });
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, depth: number, form: Form): Tensor {
  const gamma = gammas[knobs.activation];
  const stem = net.graph.stage('stem', () =>
    net.standardizedConv('entry', images, {
      channels: scaleWidth(stemChannels, knobs.width),
      kernel: 7,
      stride: 2,
      gamma: 1,
    }),
  );
  const variance = new ExpectedVariance();
  const features = residualStages(
    net,
    maxPool(net, stem),
    resNetStages(repeats[depth]!, knobs),
    (input, { channels, stride, repeat }) => {
      const block = {
        channels: channels * bottleneckExpansion,
        stride,
        isTransition: repeat === 1,
        variance,
        gamma,
        survival: 1,
        shortcut: 'strided convolution',
        skipInit: form.skipInit,
      } as const;
      return normalizerFreeBlock(net, input, block, (activated) =>
        branch(net, activated, { channels, stride }, knobs, form.squeezeRatio),
      );
    },
  );
  return net.graph.stage('head', () =>
    net.classifier(net.activate('act', features), { classes, dropout: 0 }),
  );
}

/** NF-ResNet 26–600 and NF-SE-ResNet 50–288. */
export const nfResNets: readonly Model[] = forms.flatMap((form) =>
  form.depths.map((depth): Model => ({
    name: `${form.prefix}-${depth}`,
    aliases: [`${form.prefix}${depth}`],
    family: 'NF-ResNet',
    source: form.source,
    resolution: { native: 224 },
    defaults,
    knobs: ['groupSize', 'activation', 'width', 'depth', 'padding'],
    refusals: {
      norm: noNorm,
      expandRatio: 'a bottleneck puts out four times its inner channels in every ResNet',
    },
    stages: (knobs) => [
      plainRow('stem', 'conv', 7, 2, scaleWidth(stemChannels, knobs.width)),
      plainRow('pool', 'max pool', 3, 2, scaleWidth(stemChannels, knobs.width)),
      ...stageRows(
        form.squeezeRatio === undefined ? 'NF bottleneck' : 'NF bottleneck, SE',
        resNetStages(repeats[depth]!, knobs),
        {
          expansion: bottleneckExpansion,
        },
      ),
      classifierRow,
    ],
    build: (net, images, knobs) => build(net, images, knobs, depth, form),
  })),
);
