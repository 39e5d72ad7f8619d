import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import {
  bottleneckExpansion,
  classes,
  classifierRow,
  halved,
  maxPool,
  plainRow,
  residualDefaults,
  residualKnobs,
  residualStages,
  resNetStages,
  stageRows,
} from '../layers/residual-blocks.ts';

/** Repeats of the bottlenecks in each stage; the basic blocks of the paper are for CIFAR. */
const members: Readonly<Record<number, readonly number[]>> = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

const stemChannels = 64;

/** With norm and activation in front of every convolution, and neither after the sum (He et al. 2016b, figure 4e). */
function block(
  net: NetworkBuilder,
  input: Tensor,
  place: { readonly channels: number; readonly stride: number },
  form: Form,
  { groupSize }: Knobs,
): Tensor {
  const { channels, stride } = place;
  const outputs = channels * bottleneckExpansion;
  const activated = net.normAct('enter', input);
  const isSame = stride === 1 && channelsOf(input) === outputs;
  const other = () =>
    form === 'd'
      ? net.conv('shortcut', halved(net, activated, stride), { channels: outputs, kernel: 1 })
      : net.conv('shortcut', activated, { channels: outputs, kernel: 1, stride });
  const shortcut = isSame ? input : other();
  let x = net.convNormAct('reduce', activated, { channels, kernel: 1 });
  x = net.convNormAct('spatial', x, { channels, kernel: 3, stride, groupSize });
  x = net.conv('expand', x, { channels: outputs, kernel: 1 });
  return net.add(shortcut, x);
}

/** 'd' has the three 3×3 and the means of ResNet-D. */
type Form = '' | 'd';

/** The last convolution of the stem has no norm: the first block starts with one. */
function stem(net: NetworkBuilder, images: Tensor, form: Form, width: number): Tensor {
  const channels = scaleWidth(stemChannels, width);
  return net.graph.stage('stem', () => {
    if (form === '') return net.conv('entry', images, { channels, kernel: 7, stride: 2 });
    const half = scaleWidth(stemChannels / 2, width);
    let x = net.convNormAct('entry1', images, { channels: half, kernel: 3, stride: 2 });
    x = net.convNormAct('entry2', x, { channels: half, kernel: 3 });
    return net.conv('entry3', x, { channels, kernel: 3 });
  });
}

/** Pre-activation ResNet 50–152, and the same with the stem and shortcuts of ResNet-D. */
export const preActivationResNets: readonly Model[] = (['', 'd'] as const).flatMap((form) =>
  Object.entries(members).map(([size, repeats]): Model => ({
    name: `resnetv2-${size}${form}`,
    aliases: [`resnet-v2-${size}${form}`],
    family: 'ResNet v2',
    source: 'He et al. 2016 (arXiv 1603.05027), figure 4e, stages of arXiv 1512.03385',
    resolution: { native: 224 },
    defaults: residualDefaults,
    knobs: residualKnobs,
    refusals: { expandRatio: 'a bottleneck puts out four times its inner channels in every ResNet' },
    stages: (knobs) => [
      form === ''
        ? plainRow('stem', 'conv', 7, 2, scaleWidth(stemChannels, knobs.width))
        : plainRow('stem', 'conv ×3', 3, 2, scaleWidth(stemChannels, knobs.width)),
      plainRow('pool', 'max pool', 3, 2, scaleWidth(stemChannels, knobs.width)),
      ...stageRows('bottleneck, pre-activation', resNetStages(repeats, knobs), {
        expansion: bottleneckExpansion,
      }),
      classifierRow,
    ],
    build: (net, images, knobs) => {
      const pooled = maxPool(net, stem(net, images, form, knobs.width));
      const features = residualStages(net, pooled, resNetStages(repeats, knobs), (input, place) =>
        block(net, input, place, form, knobs),
      );
      return net.graph.stage('head', () =>
        net.classifier(net.normAct('last', features), { classes, dropout: 0 }),
      );
    },
  })),
);
