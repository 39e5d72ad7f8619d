import { require, type Operator } from '../graph/operator.ts';
import { size, type Shape } from '../graph/shape.ts';
import { reducedTo } from './broadcasting.ts';
import { conv2dFilterGradient, conv2dInputGradient } from './convolution-gradients.ts';
import { extents4 } from './extents.ts';
import { reshape } from './layout.ts';
import { windowOutput, type Pads } from './padding.ts';

export interface Conv2dAttributes {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly pads: Pads;
}

/**
 * Two-dimensional convolution in `groups` independent groups of channels: 1 is a dense convolution, as many as there
 * are channels a depthwise one.
 *
 * input `[N, C, H, W]`, filter `[M, C/groups, kh, kw]`, bias `[M]` → `[N, M, H', W']`.
 * MACs: one per output element and filter tap, N·M·H'·W' · (C/groups)·kh·kw.
 */
export const conv2d: Operator<'conv2d', 'input' | 'filter', 'bias', Conv2dAttributes> = {
  name: 'conv2d',
  shapes({ input, filter, bias }, { stride, dilation, groups, pads }) {
    const [batch, channels, height, width] = extents4(input, 'input');
    const [filters, channelsPerGroup, kernelHeight, kernelWidth] = extents4(filter, 'filter');
    require(channels % groups === 0, `${channels} input channels do not divide into ${groups} groups`);
    require(filters % groups === 0, `${filters} output channels do not divide into ${groups} groups`);
    require(channels / groups ===
      channelsPerGroup, `a filter for ${channelsPerGroup} channels a group, but ${channels} channels in ${groups} groups are ${channels / groups}`);
    if (bias) require(bias.length === 1 && bias[0] === filters, `the bias needs ${filters} elements`);
    const window = { kernel: [kernelHeight, kernelWidth] as const, stride, dilation, pads };
    return [[batch, filters, ...windowOutput([height, width], window)]];
  },
  work({ operands: { filter, bias }, outputs }) {
    const [, channelsPerGroup, kernelHeight, kernelWidth] = extents4(filter, 'filter');
    const elements = size(outputs[0] ?? []);
    return {
      macs: elements * channelsPerGroup * kernelHeight * kernelWidth,
      arithmetic: bias ? elements : 0,
      transcendental: 0,
    };
  },
  gradient: (graph, { operands: { input, filter, bias }, attributes }, outputGradient) => ({
    input: () =>
      graph.apply(
        conv2dInputGradient,
        { outputGradient, filter },
        { ...attributes, inputShape: input.shape },
      ),
    filter: () =>
      graph.apply(
        conv2dFilterGradient,
        { input, outputGradient },
        { ...attributes, filterShape: filter.shape },
      ),
    ...(bias && {
      bias: () => {
        const shape = [1, bias.shape[0]!, 1, 1];
        const sums = reducedTo(graph, outputGradient, shape);
        return graph.apply(reshape, { input: sums }, { shape: bias.shape });
      },
    }),
  }),
};

/** What a convolution is called for, by its groups and kernel. */
export type ConvolutionKind = 'dense' | 'pointwise' | 'grouped' | 'depthwise';

export function convolutionKind(filter: Shape, groups: number): ConvolutionKind {
  const [, channelsPerGroup = 1, kernelHeight = 1, kernelWidth = 1] = filter;
  if (groups > 1) return channelsPerGroup === 1 ? 'depthwise' : 'grouped';
  return kernelHeight * kernelWidth === 1 ? 'pointwise' : 'dense';
}
