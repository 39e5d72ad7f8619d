import type { Tensor } from '../../../graph/graph.ts';
import { sameShape, size } from '../../../graph/shape.ts';
import type { NodeOf, OperatorTable } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import type { Emitter } from '../emitter.ts';

type Update = NodeOf<'sgdUpdate'> | NodeOf<'rmspropUpdate'> | NodeOf<'adamUpdate'>;
type Lowering<Name extends Update> = (node: Name, emit: Emitter) => void;

/**
 * An update on flat views of its tensors. ONNX Runtime multiplies a tensor whose last axes have extent 1, as 1×1 filters
 * do, by a scalar element by element: 14 ms for a step of 410,000 parameters, 1.2 ms when they are flat.
 */
function onFlatViews<Name extends Update>(plain: Lowering<Name>): Lowering<Name> {
  return (node, emit) => {
    const { parameter } = node.operands;
    if (parameter.shape.at(-1) !== 1) {
      plain(node, emit);
      return;
    }
    const chain = new Chain(emit);
    const flatShape = [size(parameter.shape)];
    const operands = Object.fromEntries(
      Object.entries<Tensor | undefined>(node.operands).map(([name, tensor]) => [
        name,
        tensor && sameShape(tensor.shape, parameter.shape)
          ? { ...tensor, name: chain.reshape(tensor.name, flatShape), shape: flatShape }
          : tensor,
      ]),
    );
    const outputs = node.outputs.map((tensor) => ({
      ...tensor,
      name: `${tensor.name}/flat`,
      shape: flatShape,
    }));
    plain({ ...node, operands, outputs }, emit);
    node.outputs.forEach((tensor, index) => chain.reshapeTo(tensor, outputs[index]!.name));
  };
}

export function flatUpdates(plain: OperatorTable<Emitter, void>) {
  return {
    sgdUpdate: onFlatViews<NodeOf<'sgdUpdate'>>(plain.sgdUpdate),
    rmspropUpdate: onFlatViews<NodeOf<'rmspropUpdate'>>(plain.rmspropUpdate),
    adamUpdate: onFlatViews<NodeOf<'adamUpdate'>>(plain.adamUpdate),
  };
}
