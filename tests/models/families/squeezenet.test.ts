import { expect, test } from 'vitest';
import { parseVariant } from '../../../src/models/variants/variant.ts';
import { countsOf, nodesOf } from '../../support/count-variant.ts';

test('has the parameters and operations that torchvision publishes for squeezenet1_1', () => {
  // pytorch/vision, torchvision/models/squeezenet.py: num_params 1235496, _ops 0.349.
  const { parameters, buffers, macs } = countsOf('squeezenet-1.1').perStep;
  expect(parameters).toBe(1_235_496);
  expect(buffers).toBe(0);
  expect((macs / 1e9).toFixed(3)).toBe('0.349');
});

test('has the extents of the paper’s table: 111, 55, 27, 13', () => {
  const heights = (name: string) =>
    nodesOf('squeezenet-1.1').find(({ node }) => node.name === name)?.node.outputs[0]?.shape[2];
  expect(
    ['stem.entry.conv', 'stages.1.pool.pool', 'stages.2.pool.pool', 'stages.3.pool.pool'].map(heights),
  ).toEqual([111, 55, 27, 13]);
});

test('takes a norm in place of its biases, and refuses to be deepened', () => {
  const { parameters, buffers } = countsOf('squeezenet-1.1:bn').perStep;
  // Two vectors for one in each of the 25 convolutions in front of an activation but the last.
  expect(parameters - 1_235_496).toBe(buffers / 2);
  expect(() => parseVariant('squeezenet-1.1:d2')).toThrow(
    'SqueezeNet has no d<multiplier> to set: it has eight fire modules, whose channels differ',
  );
});
