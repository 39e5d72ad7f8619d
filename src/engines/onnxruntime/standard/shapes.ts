import type { OperatorTable } from '../../../operators/registry.ts';
import { int, ints, outputOf, type Emitter } from '../emitter.ts';

/** Values moved, taken, repeated and summed up. */
export const shapes = {
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
} satisfies Partial<OperatorTable<Emitter, void>>;
