import { size, stridesOf } from '../../graph/shape.ts';
import { activationFunctions } from '../../operators/activation.ts';
import { binaryFunctions, unaryFunctions } from '../../operators/elementwise.ts';
import type { OperatorTable } from '../../operators/registry.ts';
import {
  alignedStrides,
  at,
  channelAt,
  dot,
  forEachPosition,
  generate,
  outputShape,
  type Values,
} from './arrays.ts';
import { forEachTap } from './taps.ts';
import { trainingKernels } from './training-kernels.ts';

/**
 * Each operator written from its definition, in double precision, with loops and nothing else: what every engine is
 * compared with. Slow on purpose; small inputs only.
 */
export const kernels: OperatorTable<Values, Float64Array | readonly Float64Array[]> = {
  conv2d(node, values) {
    const { input, filter, bias } = node.operands;
    const [x, w, b] = [values(input), values(filter), bias && values(bias)];
    const output = outputShape(node);
    const result = generate(output, ([, m]) => (b ? at(b, m!) : 0));
    forEachTap(
      { input: input.shape, filter: filter.shape, output },
      node.attributes,
      (source, tap, target) => {
        result[target]! += at(x, source) * at(w, tap);
      },
    );
    return result;
  },

  dense(node, values) {
    const { input, weight, bias } = node.operands;
    const [batch = 0, features = 0] = input.shape;
    const [outputs = 0] = weight.shape;
    const [x, w, b] = [values(input), values(weight), bias && values(bias)];
    const result = new Float64Array(batch * outputs);
    for (let n = 0; n < batch; n++) {
      for (let m = 0; m < outputs; m++) {
        let sum = b ? at(b, m) : 0;
        for (let k = 0; k < features; k++) sum += at(x, n * features + k) * at(w, m * features + k);
        result[n * outputs + m] = sum;
      }
    }
    return result;
  },

  matmul(node, values) {
    const { left, right } = node.operands;
    const shape = outputShape(node);
    const inner = left.shape[left.shape.length - 1] ?? 0;
    const [a, b] = [values(left), values(right)];
    const [leftStrides, rightStrides] = [
      alignedStrides(left.shape, shape),
      alignedStrides(right.shape, shape),
    ];
    // Along the inner axis the left operand steps by its last stride, the right one by its second to last.
    const leftInner = 1;
    const rightInner = right.shape[right.shape.length - 1] ?? 0;
    leftStrides[shape.length - 1] = 0;
    rightStrides[shape.length - 2] = 0;
    return generate(shape, (position) => {
      const leftStart = dot(position, leftStrides);
      const rightStart = dot(position, rightStrides);
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += at(a, leftStart + k * leftInner) * at(b, rightStart + k * rightInner);
      return sum;
    });
  },

  batchNorm(node, values) {
    const { input, mean, variance, scale, offset } = node.operands;
    const [m, v] = [values(mean), values(variance)];
    const [s, o] = [scale && values(scale), offset && values(offset)];
    const x = values(input);
    return x.map((value, index) => {
      const channel = channelAt(index, input.shape);
      const normalized = (value - at(m, channel)) / Math.sqrt(at(v, channel) + node.attributes.epsilon);
      return normalized * (s ? at(s, channel) : 1) + (o ? at(o, channel) : 0);
    });
  },

  groupNorm(node, values) {
    const { input, scale, offset } = node.operands;
    const { groups, epsilon } = node.attributes;
    const [s, o] = [scale && values(scale), offset && values(offset)];
    const x = values(input);
    const length = x.length / ((input.shape[0] ?? 1) * groups);
    const result = new Float64Array(x.length);
    for (let start = 0; start < x.length; start += length) {
      const group = x.subarray(start, start + length);
      const mean = group.reduce((sum, value) => sum + value, 0) / length;
      const variance = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      const deviation = Math.sqrt(variance + epsilon);
      for (let index = start; index < start + length; index++) {
        const channel = channelAt(index, input.shape);
        const normalized = (at(x, index) - mean) / deviation;
        result[index] = normalized * (s ? at(s, channel) : 1) + (o ? at(o, channel) : 0);
      }
    }
    return result;
  },

  weightStandardization(node, values) {
    const { filter, gain } = node.operands;
    const { gamma, epsilon } = node.attributes;
    const [w, g] = [values(filter), values(gain)];
    const taps = w.length / g.length;
    const result = new Float64Array(w.length);
    for (let m = 0; m < g.length; m++) {
      const one = w.subarray(m * taps, (m + 1) * taps);
      const mean = one.reduce((sum, value) => sum + value, 0) / taps;
      const power = one.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const factor = (gamma * at(g, m)) / Math.sqrt(Math.max(power, epsilon));
      one.forEach((value, tap) => (result[m * taps + tap] = (value - mean) * factor));
    }
    return result;
  },

  activation(node, values) {
    return values(node.operands.input).map(activationFunctions[node.attributes.function].evaluate);
  },

  unary(node, values) {
    return values(node.operands.input).map(unaryFunctions[node.attributes.function].evaluate);
  },

  binary(node, values) {
    const { left, right } = node.operands;
    const apply = binaryFunctions[node.attributes.function];
    const shape = outputShape(node);
    const [a, b] = [values(left), values(right)];
    const [leftStrides, rightStrides] = [
      alignedStrides(left.shape, shape),
      alignedStrides(right.shape, shape),
    ];
    return generate(shape, (position) =>
      apply(at(a, dot(position, leftStrides)), at(b, dot(position, rightStrides))),
    );
  },

  pool2d(node, values) {
    const { function: kind, window } = node.attributes;
    const [, , height = 0, width = 0] = node.operands.input.shape;
    const x = values(node.operands.input);
    const [, channels = 0] = outputShape(node);
    return generate(outputShape(node), ([n = 0, c = 0, oy = 0, ox = 0]) => {
      const taps: number[] = [];
      for (let ky = 0; ky < window.kernel[0]; ky++) {
        const y = oy * window.stride - window.pads.before[0] + ky * window.dilation;
        for (let kx = 0; kx < window.kernel[1]; kx++) {
          const column = ox * window.stride - window.pads.before[1] + kx * window.dilation;
          if (y < 0 || y >= height || column < 0 || column >= width) continue;
          taps.push(at(x, ((n * channels + c) * height + y) * width + column));
        }
      }
      return kind === 'max' ? Math.max(...taps) : taps.reduce((sum, value) => sum + value, 0) / taps.length;
    });
  },

  reduce(node, values) {
    const { input } = node.operands;
    const { function: kind, axes } = node.attributes;
    const x = values(input);
    const shape = outputShape(node);
    const strides = alignedStrides(shape, input.shape);
    const result = new Float64Array(size(shape)).fill(kind === 'max' ? -Infinity : 0);
    forEachPosition(input.shape, (position, index) => {
      const target = dot(position, strides);
      const value = at(x, index);
      result[target] = kind === 'max' ? Math.max(at(result, target), value) : at(result, target) + value;
    });
    if (kind !== 'mean') return result;
    const count = axes.reduce((product, axis) => product * (input.shape[axis] ?? 1), 1);
    return result.map((sum) => sum / count);
  },

  softmax(node, values) {
    const { input } = node.operands;
    const { axis } = node.attributes;
    const x = values(input);
    const reduced = input.shape.map((extent, index) => (index === axis ? 1 : extent));
    const strides = alignedStrides(reduced, input.shape);
    const largest = new Float64Array(size(reduced)).fill(-Infinity);
    const sums = new Float64Array(size(reduced));
    const result = new Float64Array(x.length);
    forEachPosition(input.shape, (position, index) => {
      const target = dot(position, strides);
      largest[target] = Math.max(at(largest, target), at(x, index));
    });
    forEachPosition(input.shape, (position, index) => {
      const target = dot(position, strides);
      result[index] = Math.exp(at(x, index) - at(largest, target));
      sums[target] = at(sums, target) + at(result, index);
    });
    forEachPosition(input.shape, (position, index) => {
      result[index] = at(result, index) / at(sums, dot(position, strides));
    });
    return result;
  },

  reshape(node, values) {
    return values(node.operands.input);
  },

  transpose(node, values) {
    const { input } = node.operands;
    const x = values(input);
    const strides = stridesOf(input.shape);
    const moved = node.attributes.permutation.map((axis) => strides[axis] ?? 0);
    return generate(outputShape(node), (position) => at(x, dot(position, moved)));
  },

  concat(node, values) {
    const { axis } = node.attributes;
    const shape = outputShape(node);
    const result = new Float64Array(size(shape));
    const strides = stridesOf(shape);
    let start = 0;
    for (const operand of Object.values(node.operands)) {
      const x = values(operand);
      const offset = start * (strides[axis] ?? 0);
      forEachPosition(operand.shape, (position, index) => {
        result[offset + dot(position, strides)] = at(x, index);
      });
      start += operand.shape[axis] ?? 0;
    }
    return result;
  },

  slice(node, values) {
    const { input } = node.operands;
    const { axis, start } = node.attributes;
    const x = values(input);
    const strides = stridesOf(input.shape);
    const offset = start * (strides[axis] ?? 0);
    return generate(outputShape(node), (position) => at(x, offset + dot(position, strides)));
  },

  broadcast(node, values) {
    const { input } = node.operands;
    const x = values(input);
    const strides = alignedStrides(input.shape, outputShape(node));
    return generate(outputShape(node), (position) => at(x, dot(position, strides)));
  },

  sumTo(node, values) {
    const { input } = node.operands;
    const x = values(input);
    const strides = alignedStrides(outputShape(node), input.shape);
    const result = new Float64Array(size(outputShape(node)));
    forEachPosition(input.shape, (position, index) => {
      result[dot(position, strides)]! += at(x, index);
    });
    return result;
  },

  ...trainingKernels,
};
