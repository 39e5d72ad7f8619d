import type { Tensor } from '../../graph/graph.ts';
import { makeDivisible } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { buildStages } from '../layers/stages.ts';

/** A row of the paper's table 7: kernel, expansion, output, squeeze-and-excite, stride. */
type Row = readonly [kernel: number, expanded: number, channels: number, squeeze: 'SE' | '-', stride: number];

/** GhostNet (Han et al. 2020), as released. */
const blocks: readonly Row[] = [
  [3, 16, 16, '-', 1],
  [3, 48, 24, '-', 2],
  [3, 72, 24, '-', 1],
  [5, 72, 40, 'SE', 2],
  [5, 120, 40, 'SE', 1],
  [3, 240, 80, '-', 2],
  [3, 200, 80, '-', 1],
  [3, 184, 80, '-', 1],
  [3, 184, 80, '-', 1],
  [3, 480, 112, 'SE', 1],
  [3, 672, 112, 'SE', 1],
  [5, 672, 160, 'SE', 2],
  [5, 960, 160, '-', 1],
  [5, 960, 160, 'SE', 1],
  [5, 960, 160, '-', 1],
  [5, 960, 160, 'SE', 1],
];

const stem = { kernel: 3, stride: 2 } as const;

/** This family rounds to multiples of 4. */
function scale(channels: number, width: number): number {
  return makeDivisible(channels * width, 4);
}

/** Half of the channels from a 1×1 convolution, the others from a 3×3 depthwise one on these. */
function ghostModule(
  net: NetworkBuilder,
  name: string,
  input: Tensor,
  channels: number,
  hasActivation: boolean,
): Tensor {
  return net.graph.layer(name, () => {
    const half = Math.ceil(channels / 2);
    const layer = hasActivation ? net.convNormAct.bind(net) : net.convNorm.bind(net);
    const primary = layer('primary', input, { channels: half, kernel: 1 });
    const cheap = layer('cheap', primary, { channels: half, kernel: 3, groupSize: 1 });
    return net.firstChannels('crop', net.concat('join', [primary, cheap]), channels);
  });
}

function ghostBottleneck(
  net: NetworkBuilder,
  input: Tensor,
  [kernel, expanded, channels, squeeze, stride]: Row,
): Tensor {
  let x = ghostModule(net, 'expand', input, expanded, true);
  if (stride > 1) x = net.convNorm('spatial', x, { channels: expanded, kernel, stride, groupSize: 1 });
  if (squeeze === 'SE') {
    const hidden = makeDivisible(expanded / 4, 4);
    x = net.squeezeExcite('se', { tensor: x }, { hidden, activation: 'relu', gate: 'hard-sigmoid' });
  }
  const branch = ghostModule(net, 'project', x, channels, false);
  if (stride === 1 && channelsOf(input) === channels) return net.add(input, branch);
  return net.graph.layer('shortcut', () => {
    const inputs = channelsOf(input);
    const spatial = net.convNorm('spatial', input, { channels: inputs, kernel, stride, groupSize: 1 });
    return net.add(net.convNorm('project', spatial, { channels, kernel: 1 }), branch);
  });
}

function scaledBlocks({ width }: Knobs): { row: Row; repeats: 1 }[] {
  return blocks.map(([kernel, expanded, channels, squeeze, stride]) => ({
    row: [kernel, scale(expanded, width), scale(channels, width), squeeze, stride],
    repeats: 1,
  }));
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs): Tensor {
  const { width } = knobs;
  const entry = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, { ...stem, channels: scale(16, width) }),
  );
  const features = buildStages(net, entry, scaledBlocks(knobs), 1, (x, { stage }) =>
    ghostBottleneck(net, x, stage.row),
  );
  return net.graph.stage('head', () => {
    const { tensor } = net.convNormActUnscaled('expand', features, {
      channels: scale(960, width),
      kernel: 1,
    });
    return net.classifier(tensor, { classes: 1000, dropout: 0.2, hidden: { channels: 1280, bias: true } });
  });
}

const members: Readonly<Record<string, { width: number; aliases: readonly string[] }>> = {
  ghostnet: { width: 1, aliases: ['ghostnet-100'] },
  'ghostnet-050': { width: 0.5, aliases: [] },
  'ghostnet-130': { width: 1.3, aliases: [] },
};

/** GhostNet and its other widths. */
export const ghostNets: readonly Model[] = Object.entries(members).map(([name, { width, aliases }]) => ({
  name,
  aliases,
  family: 'GhostNet',
  source: 'Han et al. 2020 (arXiv 1911.11907), table 7',
  resolution: { native: 224 },
  defaults: {
    ...efficientNetDefaults,
    expandRatio: 1,
    activation: 'relu',
    padding: 'symmetric',
    width,
    depth: 1,
  },
  knobs: ['norm', 'activation', 'width', 'padding'],
  refusals: {
    groupSize: 'its depthwise convolutions stand for cheap copies of single channels',
    expandRatio: 'its table gives the expansion of each block',
    depth: 'its table gives every block',
  },
  stages: (knobs) => [
    {
      stage: 'stem',
      block: 'conv',
      ...stem,
      expandRatio: null,
      channels: scale(16, knobs.width),
      repeats: 1,
    },
    ...scaledBlocks(knobs).map(({ row: [kernel, , channels, squeeze, stride], repeats }, index) => ({
      stage: `stages.${index + 1}`,
      block: squeeze === 'SE' ? 'ghost, SE' : 'ghost',
      kernel,
      stride,
      expandRatio: null,
      channels,
      repeats,
    })),
    {
      stage: 'head',
      block: 'conv',
      kernel: 1,
      stride: 1,
      expandRatio: null,
      channels: scale(960, knobs.width),
      repeats: 1,
    },
  ],
  build,
}));
