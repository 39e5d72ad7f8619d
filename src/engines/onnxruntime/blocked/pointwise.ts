import type { Tensor } from '../../../graph/graph.ts';
import type { Shape } from '../../../graph/shape.ts';
import type { Chain } from '../chain.ts';
import { convolveBlocked, rowsInOrder, unblockTo, type BlockedCopies, type View } from './layout.ts';

/** What a constant 1×1 filter is multiplied with, one set of values an image. */
export interface FilterFactors {
  /** One per input, `[N, I]`, or per run of outputs, `[N, G]` for G runs of one length. */
  readonly along: 'inputs' | 'outputs';
  readonly values: string;
  readonly count: number;
}

/**
 * A 1×1 convolution with filters `[O, I, 1, 1]` (and a bias, `[N, O]`) of each image's own: the images are the groups of
 * one large image. Channels that do not fill a block are filled up with zeros.
 */
export function convolveEachBlocked(
  chain: Chain,
  filter: { readonly name: string; readonly shape: Shape },
  factors: FilterFactors,
  image: Tensor,
  output: Tensor,
  copies: BlockedCopies,
  bias?: string,
): void {
  const [outputs = 0, inputs = 0] = filter.shape;
  const [batch = 0, , height = 0, width = 0] = image.shape;
  const { block } = copies;
  const [rows, columns] = [fullBlocks(outputs, block), fullBlocks(inputs, block)];
  const matrix = filledUp(chain, filter.name, [outputs, inputs], [rows, columns]);
  const lines = chain.transpose(chain.reshape(matrix, [rows / block, block, columns]), [0, 2, 1]);
  const filters = multiplied(chain, lines, [batch, rows, columns], factors, block);
  // Rows are put in order where there is less to move.
  const order = outputs < inputs ? (copies.computed(image)?.rows ?? 'inOrder') : 'inOrder';
  const name = convolveBlocked(
    chain,
    copies.of(chain, image, [1, batch * columns, height, width], order),
    chain.reshape(filters, [batch * rows, columns, 1, 1]),
    { kernel: [1, 1], groups: batch },
    bias === undefined ? undefined : chain.reshape(bias, [batch * rows]),
  );
  if (rows === outputs) {
    copies.give(chain, output, { name, shape: [1, batch * rows, height, width], rows: order });
    return;
  }
  const shape = [batch, rows, height, width];
  const inOrder = order === 'inOrder' ? name : rowsInOrder(chain, name, shape, block);
  unblockTo(chain, output, chain.reshape(inOrder, shape));
}

const fullBlocks = (channels: number, block: number): number => Math.ceil(channels / block) * block;

/**
 * A blocked filter `[O/B, I, B]` times factors, `[N, O/B, I, B]`. Multiplication is fast where it runs over long lines
 * with one factor or many: factors of inputs are repeated over a block first, those of whole blocks stay single.
 */
function multiplied(
  chain: Chain,
  lines: string,
  [batch, rows, columns]: readonly [number, number, number],
  { along, values, count }: FilterFactors,
  block: number,
): string {
  const times = (shape: readonly number[], factors: string) =>
    chain.step('Mul', [chain.reshape(lines, shape), factors]);
  const repeated = (copies: number) =>
    chain.step('Mul', [chain.reshape(values, [batch, count, 1]), chain.floats([1, 1, copies], 1)]);
  if (along === 'inputs')
    return times(
      [1, rows / block, columns * block],
      chain.reshape(repeated(block), [batch, 1, columns * block]),
    );
  const run = rows / count;
  if (run % block === 0) return times([1, count, run * columns], chain.reshape(values, [batch, count, 1]));
  return times(
    [1, rows / block, columns, block],
    chain.reshape(repeated(run), [batch, rows / block, 1, block]),
  );
}

/** `[O, I]` with rows and columns of zeros after it. */
function filledUp(
  chain: Chain,
  filter: string,
  [outputs, inputs]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): string {
  let matrix = chain.reshape(filter, [outputs, inputs]);
  if (columns > inputs) matrix = chain.concat([matrix, chain.floats([outputs, columns - inputs], 0)], 1);
  if (rows > outputs) matrix = chain.concat([matrix, chain.floats([rows - outputs, columns], 0)], 0);
  return matrix;
}

/** x · factor (+ shift), one per image and channel, on blocked lines: a depthwise 1×1 convolution. */
export function affineBlocked(chain: Chain, lines: View, factor: string, shift?: string): View {
  const lanes = lines.shape[1]!;
  const name = convolveBlocked(
    chain,
    lines.name,
    chain.reshape(factor, [lanes, 1, 1, 1]),
    { kernel: [1, 1], groups: lanes },
    shift === undefined ? undefined : chain.reshape(shift, [lanes]),
  );
  return { ...lines, name };
}
