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

/** Blocked copies of tensors, each made once, where it is first needed, and tensors that are computed blocked. */
export class BlockedCopies {
  readonly #copies = new Map<string, string>();
  readonly #computed = new Set<string>();

  of(chain: Chain, input: string): string {
    const known = this.#copies.get(input);
    if (known !== undefined) return known;
    const copy = chain.step(`${domain}/ReorderInput`, [input], { channels_last: int(0) });
    this.#copies.set(input, copy);
    return copy;
  }

  /** The blocked form of a tensor that was computed so, or undefined. */
  computed({ name }: Tensor): string | undefined {
    return this.#computed.has(name) ? this.#copies.get(name) : undefined;
  }

  /** `output` computed blocked. Its plain copy is left out of the model where nothing reads it. */
  give(chain: Chain, output: Tensor, blocked: string): void {
    this.#copies.set(output.name, blocked);
    this.#computed.add(output.name);
    chain.result(output, `${domain}/ReorderOutput`, [blocked], { channels: int(output.shape[1]!) });
  }
}

/** Where a network is blocked: its tensors so far and the channels of a block. */
export interface Blocking {
  readonly copies: BlockedCopies;
  readonly block: number;
}

export function fromBlocked(chain: Chain, input: string, channels: number): string {
  return chain.step(`${domain}/ReorderOutput`, [input], { channels: int(channels) });
}

export interface BlockedConvolution {
  readonly kernel: readonly [number, number];
  readonly stride?: number;
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
  { kernel, stride = 1, dilation = 1, groups, pads = [0, 0, 0, 0] }: BlockedConvolution,
  bias?: string,
): string {
  return chain.step(`${domain}/Conv`, [input, filter, ...(bias === undefined ? [] : [bias])], {
    kernel_shape: ints(kernel),
    strides: ints([stride, stride]),
    dilations: ints([dilation, dilation]),
    group: int(groups),
    pads: ints(pads),
  });
}

/** Mean over positions of blocked data: `[N, C, H, W]` → `[N, C]`, which is the same in both layouts. */
export function meanOverPositions(chain: Chain, blocked: string, [batch = 0, channels = 0]: Shape): string {
  return chain.reshape(chain.step(`${domain}/GlobalAveragePool`, [blocked]), [batch, channels]);
}

/** Blocked data with one more row, of zeros: positions from H·W on are what gathering puts for padding. */
export function withZeroRow(chain: Chain, blocked: string, channels: number): string {
  return convolveBlocked(chain, blocked, chain.floats([channels, 1, 1, 1], 1), {
    kernel: [1, 1],
    groups: channels,
    pads: [0, 0, 1, 0],
  });
}
