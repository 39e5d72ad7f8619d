import type { Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import { reshape, transpose } from '../../operators/layout.ts';
import { groupNorm, groupNormTraining } from '../../operators/normalization.ts';
import { channelsOf, type LayerContext } from './layer-context.ts';

/** Of layer norm by position (facebookresearch/ConvNeXt, models/convnext.py). */
const layerNormEpsilon = 1e-6;

/** The channels of every position as a row: `[N, C, H, W]` → `[N·H·W, C]`. */
export function toRows(context: LayerContext, name: string, input: Tensor): Tensor {
  const channels = channelsOf(input);
  return context.graph.layer(name, () => {
    const last = context.graph.apply(transpose, 'channelsLast', { input }, { permutation: [0, 2, 3, 1] });
    const shape = [size(input.shape) / channels, channels];
    return context.signal.note(
      context.graph.apply(reshape, 'rows', { input: last }, { shape }),
      context.signal.of(input),
    );
  });
}

/** The inverse of `toRows` for images `[N, H, W]`, with as many channels as the rows have. */
export function fromRows(
  context: LayerContext,
  name: string,
  rows: Tensor,
  [batch, height, width]: readonly [number, number, number],
): Tensor {
  return context.graph.layer(name, () => {
    const shape = [batch, height, width, rows.shape[1]!];
    const last = context.graph.apply(reshape, 'images', { input: rows }, { shape });
    const input = { input: last };
    const image = context.graph.apply(transpose, 'channelsFirst', input, { permutation: [0, 3, 1, 2] });
    return context.signal.note(image, context.signal.of(rows));
  });
}

/** Layer norm of each row of `[R, C]` with scale and offset, whatever the variant's norm, as layer `name`. */
export function normalizeRows(context: LayerContext, name: string, rows: Tensor): Tensor {
  return context.graph.layer(name, () => {
    // A row is an image of one position, and its layer norm a group norm with one group.
    const [count, channels] = rows.shape as [number, number];
    const input = context.graph.apply(reshape, 'view', { input: rows }, { shape: [count, channels, 1, 1] });
    const scale = context.graph.parameter('norm.scale', [channels], { kind: 'constant', value: 1 });
    const offset = context.graph.parameter('norm.offset', [channels], { kind: 'constant', value: 0 });
    const operator = context.mode === 'inference' ? groupNorm : groupNormTraining;
    const attributes = { groups: 1, epsilon: layerNormEpsilon };
    const normalized = context.graph.apply(operator, 'norm', { input, scale, offset }, attributes);
    return context.graph.apply(reshape, 'rows', { input: normalized }, { shape: rows.shape });
  });
}
