import type { Tensor } from '../../graph/graph.ts';
import { makeDivisible, roundHalfEven } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import {
  classes,
  classifierRow,
  plainRow,
  postActivationObjection,
  residualDefaults,
  residualStages,
  shortcut,
  stageRows,
  type ResidualStage,
} from '../layers/residual-blocks.ts';

/** A RegNet is a line: the width of block j is w0 + wa·j, quantized to w0·wm^s (Radosavovic et al. 2020, §3.3). */
interface Member {
  readonly initial: number;
  readonly slope: number;
  readonly ratio: number;
  readonly blocks: number;
  /** Channels per group of the 3×3. */
  readonly groupWidth: number;
  /** torchvision fits widths to whole groups without rounding down by more than 10 %. */
  readonly fit?: 'torchvision';
}

/** RegNetY of arXiv 2003.13678, figure 16, as facebookresearch/pycls @ 5719de64 configures them (configs/dds_baselines/regnety). */
const members: Readonly<Record<string, Member>> = {
  '200mf': { initial: 24, slope: 36.44, ratio: 2.49, blocks: 13, groupWidth: 8 },
  '400mf': { initial: 48, slope: 27.89, ratio: 2.09, blocks: 16, groupWidth: 8 },
  '600mf': { initial: 48, slope: 32.54, ratio: 2.32, blocks: 15, groupWidth: 16 },
  '800mf': { initial: 56, slope: 38.84, ratio: 2.4, blocks: 14, groupWidth: 16 },
  '800mf-tv': { initial: 56, slope: 38.84, ratio: 2.4, blocks: 14, groupWidth: 16, fit: 'torchvision' },
  '1.6gf': { initial: 48, slope: 20.71, ratio: 2.65, blocks: 27, groupWidth: 24 },
  '3.2gf': { initial: 80, slope: 42.63, ratio: 2.66, blocks: 21, groupWidth: 24 },
  '4gf': { initial: 96, slope: 31.41, ratio: 2.24, blocks: 22, groupWidth: 64 },
  '6.4gf': { initial: 112, slope: 33.22, ratio: 2.27, blocks: 25, groupWidth: 72 },
  '8gf': { initial: 192, slope: 76.82, ratio: 2.19, blocks: 17, groupWidth: 56 },
  '8gf-tv': { initial: 192, slope: 76.82, ratio: 2.19, blocks: 17, groupWidth: 56, fit: 'torchvision' },
  '12gf': { initial: 168, slope: 73.36, ratio: 2.37, blocks: 19, groupWidth: 112 },
  '16gf': { initial: 200, slope: 106.23, ratio: 2.48, blocks: 18, groupWidth: 112 },
  '32gf': { initial: 232, slope: 115.89, ratio: 2.53, blocks: 20, groupWidth: 232 },
};

const stemChannels = 32;
/** Widths are multiples of this before they are fitted to groups. */
const quantum = 8;
/** Squeeze width as a part of the block's *input* channels. */
const squeezeRatio = 0.25;

/** The stages: runs of blocks of one width, which whole groups must fill. */
function stagesOf(
  { initial, slope, ratio, blocks, fit }: Member,
  groupSize: Knobs['groupSize'],
): ResidualStage[] {
  const widths = Array.from({ length: blocks }, (_, block) => {
    const steps = roundHalfEven(Math.log((initial + slope * block) / initial) / Math.log(ratio));
    return roundHalfEven((initial * ratio ** steps) / quantum) * quantum;
  });
  return [...new Set(widths)].map((width) => {
    const group = groupSize === 'dense' ? 1 : Math.min(groupSize, width);
    const channels = fit ? makeDivisible(width, group) : roundHalfEven(width / group) * group;
    return { repeats: widths.filter((each) => each === width).length, channels, stride: 2 };
  });
}

/** Y block: 1×1, 3×3 in groups with the stride, squeeze-and-excite, 1×1; all of one width (figure 4 and §4). */
function block(
  net: NetworkBuilder,
  input: Tensor,
  { channels, stride }: { readonly channels: number; readonly stride: number },
  groupSize: Knobs['groupSize'],
): Tensor {
  const fitting = groupSize === 'dense' ? groupSize : Math.min(groupSize, channels);
  const x = net.convNormAct('enter', input, { channels, kernel: 1 });
  const spatial = net.convNormActUnscaled('spatial', x, { channels, kernel: 3, stride, groupSize: fitting });
  const hidden = roundHalfEven(channelsOf(input) * squeezeRatio);
  const excited = net.squeezeExcite('se', spatial, { hidden });
  const branch = net.convNorm('leave', excited, { channels, kernel: 1 });
  const other = shortcut(net, input, { kind: 'strided convolution', channels, stride });
  return net.addAct(other, branch);
}

function build(net: NetworkBuilder, images: Tensor, { groupSize }: Knobs, member: Member): Tensor {
  const stem = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { channels: stemChannels, kernel: 3, stride: 2 }),
  );
  const features = residualStages(net, stem, stagesOf(member, groupSize), (input, place) =>
    block(net, input, place, groupSize),
  );
  return net.graph.stage('head', () => net.classifier(features, { classes, dropout: 0 }));
}

/** RegNetY 200MF–32GF, and the two that torchvision rounds otherwise. */
export const regNets: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `regnety-${size}`,
  family: 'RegNetY',
  source: 'Radosavovic et al. 2020 (arXiv 2003.13678), figure 16',
  resolution: { native: 224 },
  defaults: { ...residualDefaults, groupSize: member.groupWidth },
  knobs: ['groupSize', 'norm', 'activation', 'padding'],
  refusals: {
    expandRatio: 'its bottlenecks neither narrow nor widen',
    width: 'widths and depths come from one line',
    depth: 'widths and depths come from one line',
  },
  objection: postActivationObjection,
  stages: ({ groupSize }) => [
    plainRow('stem', 'conv', 3, 2, stemChannels),
    ...stageRows('Y: bottleneck, SE', stagesOf(member, groupSize)),
    classifierRow,
  ],
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
