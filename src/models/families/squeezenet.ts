import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model, StageRow } from '../model.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';

/** SqueezeNet 1.1 (forresti/SqueezeNet, SqueezeNet_v1.1): each stage is a max pooling and two fire modules or four. */
const stages = [{ modules: [16, 16] }, { modules: [32, 32] }, { modules: [48, 48, 64, 64] }] as const;

/** A fire module puts out four times its squeezed channels from 1×1, and as many from 3×3 (Iandola et al. 2016, §3.2). */
const expansion = 4;

const stem = { kernel: 3, stride: 2, channels: 64 } as const;
const pooling = { function: 'max', kernel: 3, stride: 2, padding: 'valid' } as const;
const classes = 1000;
const dropout = 0.5;

/** 1×1 to few channels, then 1×1 and 3×3 side by side (figure 1). */
function fire(net: NetworkBuilder, input: Tensor, squeezed: number, groupSize: Knobs['groupSize']): Tensor {
  const channels = expansion * squeezed;
  const x = net.convNormAct('squeeze', input, { channels: squeezed, kernel: 1 });
  const pointwise = net.convNormAct('expand1', x, { channels, kernel: 1 });
  const spatial = net.convNormAct('expand3', x, { channels, kernel: 3, groupSize });
  return net.concat('concat', [pointwise, spatial]);
}

function build(net: NetworkBuilder, images: Tensor, { width, groupSize }: Knobs): Tensor {
  let x = net.graph.stage('stem', () =>
    net.convNormAct('entry', images, {
      ...stem,
      channels: scaleWidth(stem.channels, width),
      padding: 'valid',
    }),
  );
  for (const [index, { modules }] of stages.entries()) {
    net.graph.stage(`stages.${index + 1}`, () => {
      x = net.pool('pool', x, pooling);
      for (const [module, squeezed] of modules.entries())
        x = net.graph.block(`${module + 1}`, () => fire(net, x, scaleWidth(squeezed, width), groupSize));
    });
  }
  return net.graph.stage('head', () => {
    const scores = net.conv('classes', net.dropout(x, dropout), { channels: classes, kernel: 1, bias: true });
    return net.globalMean('pool', net.activate('act', scores));
  });
}

function stageRows({ width }: Knobs): StageRow[] {
  const plain = { expandRatio: null, repeats: 1 };
  return [
    { ...plain, stage: 'stem', block: 'conv', ...stem, channels: scaleWidth(stem.channels, width) },
    ...stages.map(({ modules }, index) => ({
      stage: `stages.${index + 1}`,
      block: 'max pool, fire',
      kernel: 3,
      stride: pooling.stride,
      expandRatio: expansion,
      channels: 2 * expansion * scaleWidth(modules.at(-1)!, width),
      repeats: modules.length,
    })),
    { ...plain, stage: 'head', block: 'conv, mean', kernel: 1, stride: 1, channels: classes },
  ];
}

export const squeezeNets: readonly Model[] = [
  {
    name: 'squeezenet-1.1',
    family: 'SqueezeNet',
    source: 'Iandola et al. 2016 (arXiv 1602.07360), version 1.1 of its code',
    resolution: { native: 224 },
    defaults: {
      groupSize: 'dense',
      expandRatio: expansion,
      norm: { kind: 'none', proxy: false },
      activation: 'relu',
      width: 1,
      depth: 1,
      padding: 'symmetric',
    },
    knobs: ['groupSize', 'norm', 'activation', 'width'],
    refusals: {
      expandRatio: 'both expansions of a fire module are fixed at four',
      depth: 'it has eight fire modules, whose channels differ',
      padding: 'its stride-2 layers have none',
    },
    stages: stageRows,
    build,
  },
];
