import type { Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import type { BinaryFunction, UnaryName } from '../../operators/elementwise.ts';
import type { Pads } from '../../operators/padding.ts';
import type { NodeOf, OperatorTable } from '../../operators/registry.ts';
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from './onnx/model.ts';

/** Collects the ONNX nodes of one graph node; names of helpers start with the graph node's own. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Emits a node whose result is an intermediate, and returns the result's name. */
  intermediate(suffix: string, operator: string, inputs: readonly string[], attributes?: Attributes): string {
    const output = `${this.#path}/${suffix}`;
    this.#emit(output, operator, inputs, output, attributes);
    return output;
  }

  /** Emits the node whose result is the graph node's own output. */
  result(output: Tensor, operator: string, inputs: readonly string[], attributes?: Attributes): void {
    this.#emit(this.#path, operator, inputs, output.name, attributes);
  }

  integers(suffix: string, values: readonly number[]): string {
    const name = `${this.#path}/${suffix}`;
    this.initializers.push({ name, shape: [values.length], type: 'int64', values });
    return name;
  }

  floats(suffix: string, shape: readonly number[], value: number): string {
    const name = `${this.#path}/${suffix}`;
    this.initializers.push({ name, shape, type: 'float', values: new Float32Array(size(shape)).fill(value) });
    return name;
  }

  #emit(
    name: string,
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes?: Attributes,
  ): void {
    this.nodes.push({ name, operator, inputs, outputs: [output], ...(attributes && { attributes }) });
  }
}

type Attributes = Readonly<Record<string, OnnxAttribute>>;

const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });

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
    const functions: Record<BinaryFunction, string> = {
      add: 'Add',
      subtract: 'Sub',
      multiply: 'Mul',
      divide: 'Div',
      maximum: 'Max',
      minimum: 'Min',
    };
    const { left, right } = node.operands;
    emit.result(outputOf(node), functions[node.attributes.function], names(left, right));
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
    emit.result(outputOf(node), kind === 'max' ? 'MaxPool' : 'AveragePool', [node.operands.input.name], {
      kernel_shape: ints(window.kernel),
      strides: ints([window.stride, window.stride]),
      pads: onnxPads(window.pads),
      ...(kind === 'average' && { count_include_pad: int(0) }),
    });
  },

  reduce(node, emit) {
    const { function: kind, axes } = node.attributes;
    const { input } = node.operands;
    const spatialMean = kind === 'mean' && input.shape.length === 4 && axes.join() === '2,3';
    // ONNX Runtime keeps a global average pool in its blocked layout, a ReduceMean not.
    if (spatialMean) emit.result(outputOf(node), 'GlobalAveragePool', [input.name]);
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

/** ONNX order: all begins, then all ends. */
function onnxPads({ before, after }: Pads): OnnxAttribute {
  return ints([...before, ...after]);
}

function outputOf(node: { readonly name: string; readonly outputs: readonly Tensor[] }): Tensor {
  const [output] = node.outputs;
  if (!output) throw new Error(`${node.name} has no output`);
  return output;
}

function names(...tensors: readonly (Tensor | undefined)[]): string[] {
  return tensors.filter((tensor) => tensor !== undefined).map((tensor) => tensor.name);
}
