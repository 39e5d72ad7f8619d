import type { NodeOf, OperatorTable } from '../../../operators/registry.ts';
import { int, ints, onnxPads, outputOf, type Emitter } from '../emitter.ts';

/** Pooling and its gradient. */
export const pooling = {
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

  pool2dGradient: lowerPoolGradient,
} satisfies Partial<OperatorTable<Emitter, void>>;

/**
 * Each tap of the window takes its share of the gradient, and a transposed convolution with one-hot filters puts all
 * of them where they came from. For a maximum the share goes to the first tap that has it. There may be more `slots` than
 * the window has taps: those are outside of every image.
 */
export function lowerPoolGradient(
  node: NodeOf<'pool2dGradient'>,
  emit: Emitter,
  slots = node.attributes.window.kernel[0] * node.attributes.window.kernel[1],
): void {
  const { outputGradient, input } = node.operands;
  const { function: kind, window } = node.attributes;
  const [batch, channels, height, width] = input.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = outputGradient.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = window.kernel;
  const taps = kernelHeight * kernelWidth;

  // The values are taken apart for a maximum, the shares put together for both; graphs count no products for pooling.
  const products = batch * channels * slots * taps * outHeight * outWidth;
  emit.detours.push({
    operator: `${node.operator.name} (${kind})`,
    excessMacs: (kind === 'max' ? 2 : 1) * products,
  });

  // One-hot filters: channel c, tap t of the unfolded input is tap t of the window on channel c.
  const oneHot = new Float32Array(channels * slots * taps);
  for (let c = 0; c < channels; c++) for (let t = 0; t < taps; t++) oneHot[(c * slots + t) * taps + t] = 1;
  const filters = emit.values('oneHot', [channels * slots, 1, kernelHeight, kernelWidth], oneHot);
  const geometry = {
    kernel_shape: ints(window.kernel),
    strides: ints([window.stride, window.stride]),
    dilations: ints([window.dilation, window.dilation]),
    group: int(channels),
    pads: ints([...window.pads.before, ...window.pads.after]),
  };
  const unfolded = emit.integers('unfolded', [batch, channels, slots, outHeight, outWidth]);
  const unfold = (suffix: string, image: string) =>
    emit.intermediate(`${suffix}Taps`, 'Reshape', [
      emit.intermediate(suffix, 'Conv', [image, filters], geometry),
      unfolded,
    ]);
  const ones = emit.floats('ones', [batch, channels, height, width], 1);
  const inside = unfold('inside', ones);
  const gradient = emit.intermediate('gradient', 'Reshape', [
    outputGradient.name,
    emit.integers('single', [batch, channels, 1, outHeight, outWidth]),
  ]);
  let share: string;
  if (kind === 'average') {
    const count = emit.intermediate('count', 'ReduceSum', [inside, emit.integers('tapAxis', [2])]);
    share = emit.intermediate('share', 'Div', [inside, count]);
  } else {
    const below = emit.intermediate('below', 'Mul', [
      emit.intermediate('outside', 'Sub', [inside, emit.floats('one', [], 1)]),
      emit.floats('huge', [], 1e30),
    ]);
    const candidates = emit.intermediate('candidates', 'Add', [unfold('values', input.name), below]);
    const first = emit.intermediate('first', 'ArgMax', [candidates], { axis: int(2), keepdims: int(1) });
    const order = emit.integers(
      'order',
      Array.from({ length: slots }, (_, slot) => slot),
    );
    const index = emit.intermediate('index', 'Reshape', [
      order,
      emit.integers('alongTaps', [1, 1, slots, 1, 1]),
    ]);
    const chosen = emit.intermediate('chosen', 'Equal', [index, first]);
    share = emit.intermediate('share', 'Cast', [chosen], { to: int(1) });
  }
  const spread = emit.intermediate('spread', 'Mul', [share, gradient]);
  const folded = emit.integers('folded', [batch, channels * slots, outHeight, outWidth]);
  const leftOver = [0, 1].map((axis) => {
    const span = window.dilation * (window.kernel[axis]! - 1) + 1;
    const covered = (outputGradient.shape[2 + axis]! - 1) * window.stride + span;
    return input.shape[2 + axis]! + window.pads.before[axis]! + window.pads.after[axis]! - covered;
  });
  emit.result(
    outputOf(node),
    'ConvTranspose',
    [emit.intermediate('shares', 'Reshape', [spread, folded]), filters],
    {
      ...geometry,
      output_padding: ints(leftOver),
    },
  );
}
