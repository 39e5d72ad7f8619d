import type { Tensor } from '../../../graph/graph.ts';
import { int, ints } from '../emitter.ts';
import type { Chain } from '../chain.ts';
import type { OnnxNode } from '../onnx/model.ts';
import type { Shape } from '../../../graph/shape.ts';

/**
 * ONNX Runtime's blocked layout, `[N, C/B, H, W, B]`: the B channels of a block lie side by side, as many as fit into a
 * vector register. Its convolutions are direct ones, several times faster for depthwise and grouped filters than the
 * ones for `[N, C, H, W]`. ONNX Runtime chooses it by itself only for constant filters; a training step says it.
 *
 * The domain is internal to ONNX Runtime: nothing here is used before `probeBlock` has checked its results.
 */
const domain = 'com.microsoft.nchwc';

/** Whether a node writes a plain tensor once more, blocked. */
export function isBlockedCopy(node: OnnxNode): boolean {
  return node.domain === domain && node.operator === 'ReorderInput';
}

/** Blocked data under one of the shapes that it can be seen with: lanes, an image's channels, may follow each other. */
export interface View {
  readonly name: string;
  readonly shape: Shape;
  readonly rows: RowOrder;
}

/** Rows of positions as they are, or the even ones first, as a convolution of two rows at a time leaves them. */
export type RowOrder = 'inOrder' | 'evenFirst';

/** A tensor's blocked form as it was made, and what was made of that since. */
interface Copy {
  readonly original: View;
  /** Names by shape and order of rows. */
  readonly views: Map<string, string>;
  inOrder?: string;
}

/**
 * Blocked copies of tensors, each made once, where it is first needed, and tensors that are computed blocked; and each
 * under every shape once, because a change of shape costs as much as any small operator.
 */
export class BlockedCopies {
  /** Channels of a block. */
  readonly block: number;
  readonly #copies = new Map<string, Copy>();
  readonly #computed = new Set<string>();

  constructor(block: number) {
    this.block = block;
  }

  /** The blocked form, seen with a shape. Rows that are in order cannot be had in another one. */
  of(
    chain: Chain,
    { name, shape }: Pick<Tensor, 'name' | 'shape'>,
    seen: Shape = shape,
    rows: RowOrder = 'inOrder',
  ): string {
    const copy =
      this.#copies.get(name) ??
      this.#keep(name, {
        name: chain.step(`${domain}/ReorderInput`, [name], { channels_last: int(0) }),
        shape,
        rows: 'inOrder',
      });
    const known = copy.views.get(keyOf(seen, rows));
    if (known !== undefined) return known;
    const { original } = copy;
    const source =
      original.rows === rows
        ? original.name
        : (copy.inOrder ??= rowsInOrder(chain, original.name, shape, this.block));
    const view = chain.reshape(source, seen);
    copy.views.set(keyOf(seen, rows), view);
    return view;
  }

  /**
   * All images' channels one after the other, their positions as one line, `[1, N·C, 1, H·W]`: for what treats all positions
   * alike, in whatever order the rows are.
   */
  asLines(chain: Chain, tensor: Tensor): View {
    const [batch = 0, channels = 0, height = 0, width = 0] = tensor.shape;
    const shape = [1, batch * channels, 1, height * width];
    const rows = this.computed(tensor)?.rows ?? 'inOrder';
    return { name: this.of(chain, tensor, shape, rows), shape, rows };
  }

  /** The blocked form of a tensor that was computed so, or undefined. */
  computed({ name }: Tensor): View | undefined {
    return this.#computed.has(name) ? this.#copies.get(name)?.original : undefined;
  }

  /** `output` computed blocked. Its plain copy is left out of the model where nothing reads it. */
  give(chain: Chain, output: Tensor, blocked: View): void {
    this.#keep(output.name, blocked);
    this.#computed.add(output.name);
    unblockTo(chain, output, this.of(chain, output));
  }

  #keep(name: string, original: View): Copy {
    const copy = { original, views: new Map([[keyOf(original.shape, original.rows), original.name]]) };
    this.#copies.set(name, copy);
    return copy;
  }
}

const keyOf = (shape: Shape, rows: RowOrder) => `${shape.join()} ${rows}`;

/** Blocked data of `shape` whose even rows come first, in order. */
export function rowsInOrder(chain: Chain, blocked: string, shape: Shape, block: number): string {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  const order = Array.from({ length: height }, (_, row) =>
    row % 2 === 0 ? row / 2 : (height + row - 1) / 2,
  );
  const lines = chain.reshape(blocked, [(batch * channels) / block, height, width * block]);
  return chain.gather(lines, order, 1);
}

/** `output` from its blocked form. */
export function unblockTo(chain: Chain, output: Tensor, blocked: string): void {
  chain.result(output, `${domain}/ReorderOutput`, [blocked], { channels: int(output.shape[1]!) });
}

export function fromBlocked(chain: Chain, input: string, channels: number): string {
  return chain.step(`${domain}/ReorderOutput`, [input], { channels: int(channels) });
}

export interface BlockedConvolution {
  readonly kernel: readonly [number, number];
  readonly stride?: number;
  /** The rows' stride, where it is another. */
  readonly rowStride?: number;
  readonly dilation?: number;
  readonly groups: number;
  /** Rows and columns before, rows and columns after. */
  readonly pads?: readonly [number, number, number, number];
}

/** A convolution of blocked data with a blocked filter (and a bias per channel); the result is blocked. */
export function convolveBlocked(
  chain: Chain,
  input: string,
  filter: string,
  { kernel, stride = 1, rowStride = stride, dilation = 1, groups, pads = [0, 0, 0, 0] }: BlockedConvolution,
  bias?: string,
): string {
  return chain.step(`${domain}/Conv`, [input, filter, ...(bias === undefined ? [] : [bias])], {
    kernel_shape: ints(kernel),
    strides: ints([rowStride, stride]),
    dilations: ints([dilation, dilation]),
    group: int(groups),
    pads: ints(pads),
  });
}

/** Mean over positions of blocked data, `[1, N·C, 1, 1]` or `[N, C, 1, 1]`: the same in both layouts. */
export function meanOverPositions(chain: Chain, blocked: string): string {
  return chain.step(`${domain}/GlobalAveragePool`, [blocked]);
}

/** Blocked data with one more row, of zeros: positions from H·W on are what gathering puts for padding. */
export function withZeroRow(chain: Chain, blocked: string, channels: number): string {
  return convolveBlocked(chain, blocked, chain.floats([channels, 1, 1, 1], 1), {
    kernel: [1, 1],
    groups: channels,
    pads: [0, 0, 1, 0],
  });
}
