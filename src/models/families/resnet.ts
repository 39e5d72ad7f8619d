import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
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
  residualKnobs,
  residualStages,
  resNetStages,
  shortcut,
  stageRows,
  type Shortcut,
} from '../layers/residual-blocks.ts';

type Block = 'basic' | 'bottleneck';

interface Member {
  readonly block: Block;
  readonly repeats: readonly number[];
}

/** He et al. 2016 (arXiv 1512.03385), table 1: conv2_x to conv5_x. */
const members: Readonly<Record<number, Member>> = {
  18: { block: 'basic', repeats: [2, 2, 2, 2] },
  34: { block: 'basic', repeats: [3, 4, 6, 3] },
  50: { block: 'bottleneck', repeats: [3, 4, 6, 3] },
  101: { block: 'bottleneck', repeats: [3, 4, 23, 3] },
  152: { block: 'bottleneck', repeats: [3, 8, 36, 3] },
};

const stemChannels = 64;

/** Stem and shortcuts: of the paper, or those of ResNet-D (He et al. 2019, arXiv 1812.01187, §4). */
interface Form {
  readonly suffix: '' | 'd';
  readonly stem: 'plain' | 'deep';
  readonly shortcut: Shortcut;
  readonly source: string;
}

const forms: readonly Form[] = [
  {
    suffix: '',
    stem: 'plain',
    shortcut: 'strided convolution',
    source: 'He et al. 2016 (arXiv 1512.03385), table 1, with the stride in the 3×3 (v1.5, as torchvision)',
  },
  {
    suffix: 'd',
    stem: 'deep',
    shortcut: 'mean, then convolution',
    source: 'He et al. 2019 (arXiv 1812.01187), ResNet-D',
  },
];

/** The branch of a block: two 3×3, or 1×1, 3×3, 1×1 where the 3×3 carries the stride. No activation at the end. */
function branch(
  net: NetworkBuilder,
  input: Tensor,
  block: Block,
  { channels, stride, groupSize }: { channels: number; stride: number; groupSize: Knobs['groupSize'] },
): Tensor {
  if (block === 'basic') {
    const x = net.convNormAct('spatial1', input, { channels, kernel: 3, stride, groupSize });
    return net.convNorm('spatial2', x, { channels, kernel: 3, groupSize });
  }
  let x = net.convNormAct('reduce', input, { channels, kernel: 1 });
  x = net.convNormAct('spatial', x, { channels, kernel: 3, stride, groupSize });
  return net.convNorm('expand', x, { channels: channels * bottleneckExpansion, kernel: 1 });
}

function expansionOf({ block }: Member): number {
  return block === 'basic' ? 1 : bottleneckExpansion;
}

function stemWidths(width: number): number[] {
  return [stemChannels / 2, stemChannels / 2, stemChannels].map((channels) => scaleWidth(channels, width));
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, member: Member, form: Form): Tensor {
  const stem =
    form.stem === 'plain'
      ? plainStem(net, images, scaleWidth(stemChannels, knobs.width))
      : deepStem(net, images, stemWidths(knobs.width));
  const features = residualStages(
    net,
    maxPool(net, stem),
    resNetStages(member.repeats, knobs),
    (input, { channels, stride }) => {
      const x = branch(net, input, member.block, { channels, stride, groupSize: knobs.groupSize });
      const out = { kind: form.shortcut, channels: channels * expansionOf(member), stride };
      return net.addAct(shortcut(net, input, out), x);
    },
  );
  return net.graph.stage('head', () => net.classifier(features, { classes, dropout: 0 }));
}

/** ResNet 18–152 and ResNet-D 18–152. */
export const resNets: readonly Model[] = forms.flatMap((form) =>
  Object.entries(members).map(([size, member]): Model => ({
    name: `resnet-${size}${form.suffix}`,
    aliases: [`resnet${size}${form.suffix}`],
    family: form.suffix === 'd' ? 'ResNet-D' : 'ResNet',
    source: form.source,
    resolution: { native: 224 },
    defaults: residualDefaults,
    knobs: residualKnobs,
    refusals: { expandRatio: 'a bottleneck puts out four times its inner channels in every ResNet' },
    objection: postActivationObjection,
    stages: (knobs) => [
      form.stem === 'plain'
        ? plainRow('stem', 'conv', 7, 2, scaleWidth(stemChannels, knobs.width))
        : plainRow('stem', 'conv ×3', 3, 2, scaleWidth(stemChannels, knobs.width)),
      plainRow('pool', 'max pool', 3, 2, scaleWidth(stemChannels, knobs.width)),
      ...stageRows(member.block, resNetStages(member.repeats, knobs), { expansion: expansionOf(member) }),
      classifierRow,
    ],
    build: (net, images, knobs) => build(net, images, knobs, member, form),
  })),
);
