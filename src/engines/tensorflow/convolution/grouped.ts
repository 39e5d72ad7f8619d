import type { Held } from '../library.ts';
import type { Context } from '../kernels/context.ts';
import { blockOf } from '../kernels/block.ts';
import { products } from '../kernels/products.ts';
import { cropped, padded, type Geometry } from './geometry.ts';
import { inputFromPhases, tapOf, type PhaseTap } from './taps.ts';

/**
 * Convolutions of any groups, stride, dilation and padding from products of matrices, one matrix a group: for backends
 * without such a kernel. The taps of one row of the window stand side by side, so that the inner extent is kw · C/groups
 * and memory grows by a row of taps, not by all of them. Every product of the definition is computed once; nothing is
 * multiplied with a zero but padding.
 */
export function convolveByTaps(context: Context, input: Held, filter: Held, geometry: Geometry): Held {
  const { tf } = context;
  const { groups, batch, output, filters, channels, kernel } = geometry;
  const x = byGroup(context, padded(tf, input, geometry), groups);
  const weights = stackedFilter(context, filter, geometry);
  const inner = kernel[1] * (channels / groups);
  const rows = Array.from({ length: kernel[0] }, (_, row) => {
    const weight = tf.reshape(
      blockOf(context, weights, { begin: [row, 0, 0, 0], size: [1, groups, inner, filters / groups] }),
      [groups, inner, filters / groups],
    );
    return products(context, rowColumns(context, x, row, geometry), weight);
  });
  return fromGroups(context, sum(context, rows), [batch, ...output, filters]);
}

/** `[N, H', W', M]`, `[kh, kw, C/groups, M]` → `[N, H, W, C]`. */
export function inputGradientByTaps(
  context: Context,
  outputGradient: Held,
  filter: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const { groups, batch, output, filters, channels, kernel } = geometry;
  const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
  const dy = byGroup(context, outputGradient, groups);
  // [kh, kw, groups, M/groups, C/groups]
  const turned = tf.reshape(
    tf.transpose(
      tf.reshape(filter, [kernel[0] * kernel[1], perGroup, groups, filtersPerGroup]),
      [0, 2, 3, 1],
    ),
    [kernel[0], kernel[1] * groups * filtersPerGroup * perGroup],
  );
  const weightOf = (row: number, column: number) => {
    const length = groups * filtersPerGroup * perGroup;
    const weight = blockOf(context, turned, { begin: [row, column * length], size: [1, length] });
    return tf.reshape(weight, [groups, filtersPerGroup, perGroup]);
  };
  const ofPhase = (
    rows: readonly PhaseTap[],
    columns: readonly PhaseTap[],
    [height, width]: readonly [number, number],
  ) => {
    const count = groups * batch;
    if (rows.length * columns.length === 0) return tf.zeros([count, height, width, perGroup]);
    const [top, left] = [furthest(rows), furthest(columns)];
    const after = [Math.max(0, height - output[0]), Math.max(0, width - output[1])] as const;
    const framed = padded(tf, dy, { pads: { before: [top, left], after } });
    const parts = rows.map((row) => {
      const shifted = columns.map((column) =>
        blockOf(context, framed, {
          begin: [0, top - row.lag, left - column.lag, 0],
          size: [count, height, width, filtersPerGroup],
        }),
      );
      const weights = columns.map((column) => weightOf(row.tap, column.tap));
      const inner = columns.length * filtersPerGroup;
      const taps = tf.reshape(tf.concat(shifted, 3), [groups, batch * height * width, inner]);
      return products(context, taps, tf.concat(weights, 1));
    });
    return tf.reshape(sum(context, parts), [count, height, width, perGroup]);
  };
  const whole = cropped(context, inputFromPhases(tf, geometry, ofPhase), geometry);
  return fromGroups(context, whole, [batch, ...geometry.input, channels]);
}

/** `[N, H, W, C]`, `[N, H', W', M]` → `[kh, kw, C/groups, M]`. */
export function filterGradientByTaps(
  context: Context,
  input: Held,
  outputGradient: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const { groups, batch, output, filters, channels, kernel } = geometry;
  const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
  const x = byGroup(context, padded(tf, input, geometry), groups);
  const positions = batch * output[0] * output[1];
  const dy = tf.reshape(byGroup(context, outputGradient, groups), [groups, positions, filtersPerGroup]);
  const rows = Array.from({ length: kernel[0] }, (_, row) => {
    const gradient = products(context, rowColumns(context, x, row, geometry), dy, { left: true });
    return tf.expandDims(gradient, 0);
  });
  // [kh, groups, kw · C/groups, M/groups] → [kh, kw · C/groups, groups, M/groups]
  const turned = groups === 1 ? tf.concat(rows, 0) : tf.transpose(tf.concat(rows, 0), [0, 2, 1, 3]);
  return tf.reshape(turned, [...kernel, perGroup, filters]);
}

/** What one row of the window meets, its taps side by side: `[groups·N, H, W, C/groups]` → `[groups, N·H'·W', kw · C/groups]`. */
function rowColumns(context: Context, x: Held, row: number, geometry: Geometry): Held {
  const { tf } = context;
  const { groups, channels, kernel, batch, output } = geometry;
  const taps = Array.from({ length: kernel[1] }, (_, column) => tapOf(context, x, [row, column], geometry));
  return tf.reshape(taps.length === 1 ? taps[0]! : tf.concat(taps, 3), [
    groups,
    batch * output[0] * output[1],
    kernel[1] * (channels / groups),
  ]);
}

/** `[kh, kw, C/groups, M]` → `[kh, groups, kw · C/groups, M/groups]` */
function stackedFilter({ tf }: Context, filter: Held, { kernel, channels, groups, filters }: Geometry): Held {
  const inner = kernel[1] * (channels / groups);
  if (groups === 1) return tf.reshape(filter, [kernel[0], 1, inner, filters]);
  return tf.transpose(tf.reshape(filter, [kernel[0], inner, groups, filters / groups]), [0, 2, 1, 3]);
}

/** `[N, H, W, C]` → `[groups·N, H, W, C/groups]` */
function byGroup({ tf }: Context, x: Held, groups: number): Held {
  if (groups === 1) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const perGroup = channels / groups;
  const turned = tf.transpose(tf.reshape(x, [batch * height * width, groups, perGroup]), [1, 0, 2]);
  return tf.reshape(turned, [groups * batch, height, width, perGroup]);
}

/** Undoes `byGroup`, from any view of `[groups, N·H·W, C/groups]`. */
function fromGroups({ tf }: Context, x: Held, shape: readonly [number, number, number, number]): Held {
  const [batch, height, width, channels] = shape;
  const perGroup = x.shape[x.rank - 1]!;
  if (perGroup === channels) return tf.reshape(x, [...shape]);
  const stacked = tf.reshape(x, [channels / perGroup, batch * height * width, perGroup]);
  return tf.reshape(tf.transpose(stacked, [1, 0, 2]), [...shape]);
}

function furthest(taps: readonly PhaseTap[]): number {
  return Math.max(...taps.map(({ lag }) => lag));
}

function sum({ tf }: Context, parts: readonly Held[]): Held {
  return parts.reduce((total, part) => tf.add(total, part));
}
