import { size } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import type { BinaryFunction, UnaryName } from '../../operators/elementwise.ts';
import type { NodeOf, OperatorTable } from '../../operators/registry.ts';
import { float, int, ints, names, onnxPads, outputOf, type Emitter } from './emitter.ts';
import { dataType } from './onnx/model.ts';
import { trainingLowerings } from './training-lowerings.ts';

/** Each operator as standard ONNX operators (opset 17). */
export const lowerings: OperatorTable<Emitter, void> = {
  conv2d(node, emit) {
    const { input, filter, bias } = node.operands;
    const { stride, dilation, groups, pads } = node.attributes;
    emit.result(outputOf(node), 'Conv', names(input, filter, bias), {
      kernel_shape: ints(filter.shape.slice(2)),
      strides: ints([stride, stride]),
      dilations: ints([dilation, dilation]),
      group: int(groups),
      pads: onnxPads(pads),
    });
  },

  dense(node, emit) {
    const { input, weight, bias } = node.operands;
    emit.result(outputOf(node), 'Gemm', names(input, weight, bias), { transB: int(1) });
  },

  matmul(node, emit) {
    emit.result(outputOf(node), 'MatMul', names(node.operands.left, node.operands.right));
  },

  batchNorm(node, emit) {
    const { input, scale, offset, mean, variance } = node.operands;
    const one = scale?.name ?? emit.floats('one', mean.shape, 1);
    const zero = offset?.name ?? emit.floats('zero', mean.shape, 0);
    const inputs = [input.name, one, zero, mean.name, variance.name];
    emit.result(outputOf(node), 'BatchNormalization', inputs, { epsilon: float(node.attributes.epsilon) });
  },

  groupNorm: lowerGroupNorm,

  weightStandardization(node, emit) {
    const { filter, gain } = node.operands;
    const { gamma, epsilon } = node.attributes;
    const mean = emit.intermediate('mean', 'ReduceMean', [filter.name], { axes: ints([1, 2, 3]) });
    const centred = emit.intermediate('centred', 'Sub', [filter.name, mean]);
    const squares = emit.intermediate('squares', 'Mul', [centred, centred]);
    const power = emit.intermediate('power', 'ReduceSum', [squares, emit.integers('taps', [1, 2, 3])]);
    const bounded = emit.intermediate('bounded', 'Max', [power, emit.floats('epsilon', [], epsilon)]);
    const root = emit.intermediate('root', 'Sqrt', [bounded]);
    const column = emit.integers('column', [filter.shape[0]!, 1, 1, 1]);
    const gains = emit.intermediate('gains', 'Reshape', [gain.name, column]);
    const scaled = emit.intermediate('scaled', 'Mul', [gains, emit.floats('gamma', [], gamma)]);
    emit.result(outputOf(node), 'Mul', [centred, emit.intermediate('factor', 'Div', [scaled, root])]);
  },

  activation(node, emit) {
    const x = node.operands.input.name;
    const output = outputOf(node);
    const functions: Record<ActivationName, () => void> = {
      relu: () => emit.result(output, 'Relu', [x]),
      relu6: () => emit.result(output, 'Clip', [x, emit.floats('zero', [], 0), emit.floats('six', [], 6)]),
      sigmoid: () => emit.result(output, 'Sigmoid', [x]),
      swish: () => emit.result(output, 'Mul', [x, emit.intermediate('sigmoid', 'Sigmoid', [x])]),
      'hard-sigmoid': () =>
        emit.result(output, 'HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) }),
      'hard-swish': () => emit.result(output, 'HardSwish', [x]),
      gelu: () => {
        const scaled = emit.intermediate('scaled', 'Div', [x, emit.floats('root2', [], Math.SQRT2)]);
        const erf = emit.intermediate('erf', 'Erf', [scaled]);
        const cdf = emit.intermediate('cdf', 'Add', [erf, emit.floats('one', [], 1)]);
        const product = emit.intermediate('product', 'Mul', [x, cdf]);
        emit.result(output, 'Mul', [product, emit.floats('half', [], 0.5)]);
      },
      tanh: () => emit.result(output, 'Tanh', [x]),
    };
    functions[node.attributes.function]();
  },

  binary(node, emit) {
    const functions: Record<Exclude<BinaryFunction, 'greaterEqual'>, string> = {
      add: 'Add',
      subtract: 'Sub',
      multiply: 'Mul',
      divide: 'Div',
      maximum: 'Max',
      minimum: 'Min',
    };
    const { left, right } = node.operands;
    const { function: name } = node.attributes;
    if (name === 'greaterEqual') {
      const comparison = emit.intermediate('comparison', 'GreaterOrEqual', names(left, right));
      emit.result(outputOf(node), 'Cast', [comparison], { to: int(dataType.float) });
    } else emit.result(outputOf(node), functions[name], names(left, right));
  },

  unary(node, emit) {
    const x = node.operands.input.name;
    const output = outputOf(node);
    const functions: Record<UnaryName, () => void> = {
      negate: () => emit.result(output, 'Neg', [x]),
      square: () => emit.result(output, 'Mul', [x, x]),
      reciprocal: () => emit.result(output, 'Reciprocal', [x]),
      sqrt: () => emit.result(output, 'Sqrt', [x]),
      exp: () => emit.result(output, 'Exp', [x]),
      log: () => emit.result(output, 'Log', [x]),
    };
    functions[node.attributes.function]();
  },

  pool2d(node, emit) {
    const { function: kind, window } = node.attributes;
    if (kind === 'average' && window.dilation !== 1) {
      throw new Error(`${node.name}: ONNX has no dilated average pooling before opset 19`);
    }
    emit.result(outputOf(node), kind === 'max' ? 'MaxPool' : 'AveragePool', [node.operands.input.name], {
      kernel_shape: ints(window.kernel),
      strides: ints([window.stride, window.stride]),
      pads: onnxPads(window.pads),
      ...(kind === 'max'
        ? { dilations: ints([window.dilation, window.dilation]) }
        : { count_include_pad: int(0) }),
    });
  },

  reduce(node, emit) {
    const { function: kind, axes } = node.attributes;
    const { input } = node.operands;
    const spatialMean = kind === 'mean' && input.shape.length === 4 && axes.join() === '2,3';
    // ONNX Runtime keeps a global average pool in its blocked layout, a ReduceMean not.
    // To ONNX, no axes mean all axes.
    if (axes.length === 0) emit.result(outputOf(node), 'Identity', [input.name]);
    else if (spatialMean) emit.result(outputOf(node), 'GlobalAveragePool', [input.name]);
    else if (kind === 'sum')
      emit.result(outputOf(node), 'ReduceSum', [input.name, emit.integers('axes', axes)]);
    else
      emit.result(outputOf(node), kind === 'mean' ? 'ReduceMean' : 'ReduceMax', [input.name], {
        axes: ints(axes),
      });
  },

  softmax(node, emit) {
    emit.result(outputOf(node), 'Softmax', [node.operands.input.name], { axis: int(node.attributes.axis) });
  },

  reshape(node, emit) {
    const shape = emit.integers('shape', node.attributes.shape);
    emit.result(outputOf(node), 'Reshape', [node.operands.input.name, shape]);
  },

  transpose(node, emit) {
    const { permutation } = node.attributes;
    emit.result(outputOf(node), 'Transpose', [node.operands.input.name], { perm: ints(permutation) });
  },

  concat(node, emit) {
    const operands = Object.values(node.operands).map((tensor) => tensor.name);
    emit.result(outputOf(node), 'Concat', operands, { axis: int(node.attributes.axis) });
  },

  slice(node, emit) {
    const { axis, start, end } = node.attributes;
    const bounds = [
      emit.integers('starts', [start]),
      emit.integers('ends', [end]),
      emit.integers('axes', [axis]),
    ];
    emit.result(outputOf(node), 'Slice', [node.operands.input.name, ...bounds]);
  },

  broadcast(node, emit) {
    const shape = emit.integers('shape', node.attributes.shape);
    emit.result(outputOf(node), 'Expand', [node.operands.input.name, shape]);
  },

  sumTo(node, emit) {
    const { input } = node.operands;
    const { shape } = node.attributes;
    const added = input.shape.length - shape.length;
    const axes = input.shape.flatMap((extent, axis) =>
      axis < added || shape[axis - added] !== extent ? [axis] : [],
    );
    // ReduceSum over no axes would sum over all of them.
    const sums =
      axes.length === 0
        ? input.name
        : emit.intermediate('sums', 'ReduceSum', [input.name, emit.integers('axes', axes)]);
    emit.result(outputOf(node), 'Reshape', [sums, emit.integers('shape', shape)]);
  },

  ...trainingLowerings,
};

/**
 * Group norm through instance norm: each group of channels, flattened, is one instance; the affine step per channel
 * follows. ONNX's own GroupNormalization (opset 21) is expanded by ONNX Runtime into ten passes over the data.
 */
function lowerGroupNorm(node: NodeOf<'groupNorm'>, emit: Emitter): void {
  const { input, scale, offset } = node.operands;
  const { groups, epsilon } = node.attributes;
  const output = outputOf(node);
  const [batch = 0, channels = 0] = input.shape;
  const attributes = { epsilon: float(epsilon) };
  if (groups === 1 && size(input.shape) === batch * channels) {
    // Rows of features: ONNX has an operator for them.
    const one = scale?.name ?? emit.floats('one', input.shape.slice(1), 1);
    const shape = emit.integers('perFeature', input.shape.slice(1));
    const factor = scale ? emit.intermediate('scale', 'Reshape', [scale.name, shape]) : one;
    const shift = offset ? [emit.intermediate('offset', 'Reshape', [offset.name, shape])] : [];
    emit.result(output, 'LayerNormalization', [input.name, factor, ...shift], {
      axis: int(1),
      ...attributes,
    });
    return;
  }
  if (groups === channels) {
    const one = scale?.name ?? emit.floats('one', [channels], 1);
    const zero = offset?.name ?? emit.floats('zero', [channels], 0);
    emit.result(output, 'InstanceNormalization', [input.name, one, zero], attributes);
    return;
  }
  const grouped = emit.integers('grouped', [batch, groups, size(input.shape) / (batch * groups)]);
  const view = emit.intermediate('view', 'Reshape', [input.name, grouped]);
  const unit = [emit.floats('one', [groups], 1), emit.floats('zero', [groups], 0)];
  const normalized = emit.intermediate('normalized', 'InstanceNormalization', [view, ...unit], attributes);
  const shape = emit.integers('shape', input.shape);
  if (!scale && !offset) {
    emit.result(output, 'Reshape', [normalized, shape]);
    return;
  }
  let x = emit.intermediate('restored', 'Reshape', [normalized, shape]);
  const perChannel = emit.integers('perChannel', [channels, 1, 1]);
  if (scale) {
    const factor = emit.intermediate('scale', 'Reshape', [scale.name, perChannel]);
    if (!offset) {
      emit.result(output, 'Mul', [x, factor]);
      return;
    }
    x = emit.intermediate('scaled', 'Mul', [x, factor]);
  }
  if (offset) {
    emit.result(output, 'Add', [x, emit.intermediate('offset', 'Reshape', [offset.name, perChannel])]);
  }
}
