import { EcfxError } from '../../errors.ts';
import type { Device } from '../../engines/engine.ts';
import { evaluate } from '../../engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../../engines/weights.ts';
import { backpropagate } from '../../gradients/backpropagate.ts';
import { sgd } from '../../gradients/optimizers/sgd.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../graph/graph.ts';
import { NetworkBuilder } from '../../models/layers/network-builder.ts';
import { conv2dFilterGradient, conv2dInputGradient } from '../../operators/convolution-gradients.ts';
import { conv2d } from '../../operators/convolution.ts';
import { softmaxCrossEntropy } from '../../operators/loss.ts';

/** What a device may be able to do, each shown by doing it on a graph that runs in no time. */
export const abilities = ['forward', 'grouped', 'training'] as const;
export type Ability = (typeof abilities)[number];

interface Test {
  readonly graph: () => Graph;
  /** Largest difference that is accepted, in relation to the largest magnitude. */
  readonly tolerance: number;
}

const seed = 1;

const tests: Readonly<Record<Ability, Test>> = {
  forward: { graph: forwardGraph, tolerance: 1e-4 },
  grouped: { graph: groupedGraph, tolerance: 1e-4 },
  training: { graph: trainingGraph, tolerance: 1e-3 },
};

/**
 * Runs an ability's graph on the device and by the definitions in double precision. Resolves to the largest difference
 * of outputs and updated state; throws `EcfxError` (check) when that is too much, and whatever the device throws.
 */
export async function testAbility(device: Device, ability: Ability): Promise<number> {
  const { graph: build, tolerance } = tests[ability];
  const graph = build();
  const actual = await runOn(device, graph);
  const expected = runByDefinition(graph);
  let worst = 0;
  for (const [name, values] of expected) {
    const error = relativeError(actual.get(name), values);
    if (!(error <= tolerance)) {
      throw new EcfxError(
        'check',
        `it computes wrong numbers: ${name} differs by ${error.toPrecision(2)} of its largest value`,
      );
    }
    worst = Math.max(worst, error);
  }
  return worst;
}

/** Outputs, and what replaces each piece of state under the state's name. */
async function runOn(device: Device, graph: Graph): Promise<Map<string, Float32Array>> {
  const weights = initializeWeights(graph, seed);
  const executable = await device.compile(graph, { weights, threads: 1, precision: 'fp32' });
  try {
    const step = executable.bind(randomInputs(graph, seed));
    await step.advance();
    await step.synchronize();
    return new Map([...(await step.outputs()), ...(await executable.state())]);
  } finally {
    await executable.dispose();
  }
}

function runByDefinition(graph: Graph): Map<string, Float64Array> {
  const given = new Map<Tensor, ArrayLike<number>>(initializeWeights(graph, seed));
  const inputs = randomInputs(graph, seed);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  const values = evaluate(graph, given);
  return new Map([
    ...graph.outputs.map((output) => [output.name, values.get(output)!] as const),
    ...[...graph.updates].map(([state, next]) => [state.name, values.get(next)!] as const),
  ]);
}

/** In relation to the largest magnitude, or to a thousandth where all is next to nothing. */
function relativeError(actual: Float32Array | undefined, expected: Float64Array): number {
  if (actual?.length !== expected.length) return Infinity;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  let difference = 0;
  for (const [index, value] of expected.entries()) {
    const here = Math.abs(value - actual[index]!);
    if (Number.isNaN(here)) return Infinity;
    difference = Math.max(difference, here);
  }
  return difference / largest;
}

/** Dense convolution, norm, swish, squeeze-and-excite, pooling, classifier. */
function forwardGraph(): Graph {
  const net = network('inference');
  const stem = net.convNormAct('stem', net.images(2, 8), { channels: 16, kernel: 3 });
  return net.build(classifier(net, net.squeezeExcite('se', { tensor: stem }, { hidden: 4 })));
}

/** Groups of 16 and of one channel: forward and both gradients. */
function groupedGraph(): Graph {
  const graph = new GraphBuilder('grouped');
  const [channels, side] = [32, 6];
  const pads = { before: [1, 1], after: [1, 1] } as const;
  const shape = [2, channels, side, side];
  const input = graph.input('input', shape);
  const outputGradient = graph.input('outputGradient', shape);
  const results = [16, 1].flatMap((groupSize) =>
    graph.block(`g${groupSize}`, () => {
      const filterShape = [channels, groupSize, 3, 3];
      const filter = graph.input(`filter${groupSize}`, filterShape);
      const geometry = { stride: 1, dilation: 1, groups: channels / groupSize, pads };
      return [
        graph.apply(conv2d, 'forward', { input, filter }, geometry),
        graph.apply(
          conv2dInputGradient,
          'dX',
          { outputGradient, filter },
          { ...geometry, inputShape: shape },
        ),
        graph.apply(conv2dFilterGradient, 'dW', { input, outputGradient }, { ...geometry, filterShape }),
      ];
    }),
  );
  return graph.build(results);
}

/** A step of gradient descent of a network with an inverted bottleneck in groups. */
function trainingGraph(): Graph {
  const net = network('training');
  const { graph } = net;
  const stem = net.convNormAct('stem', net.images(2, 8), { channels: 16, kernel: 3, stride: 2 });
  const expanded = net.convNormAct('expand', stem, { channels: 32, kernel: 1 });
  const spatial = net.convNormAct('spatial', expanded, { channels: 32, kernel: 3, groupSize: 16 });
  const logits = classifier(net, net.convNorm('project', spatial, { channels: 16, kernel: 1 }));
  const labels = graph.input('labels', logits.shape, { kind: 'labels', smoothing: 0.1 });
  const loss = graph.apply(softmaxCrossEntropy, 'loss', { logits, labels }, {});
  const gradients = backpropagate(graph, loss, tensorsOfKind(graph, 'parameter'));
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 });
  const rate = graph.input('learningRate', [], { kind: 'number', value: optimizer.learningRate });
  graph.within({ stage: 'optimizer', block: 'optimizer', layer: 'optimizer' }, 'optimizer', () => {
    const update = optimizer.prepare(graph, rate);
    for (const [parameter, gradient] of gradients) update(parameter, gradient);
  });
  return graph.build([loss]);
}

function network(mode: 'inference' | 'training'): NetworkBuilder {
  const knobs = { norm: { kind: 'batch', proxy: false }, activation: 'swish', padding: 'same' } as const;
  return new NetworkBuilder('self-test', knobs, mode);
}

function classifier(net: NetworkBuilder, input: Tensor): Tensor {
  return net.classifier(input, { classes: 10, dropout: 0 });
}
