import type { Shape } from '../../graph/shape.ts';
import type { Conv2dAttributes } from '../../operators/convolution.ts';

/**
 * Visits every product of a convolution: the indices of the input element, the filter tap and the output element.
 * Forward and both gradients are sums over the same products.
 */
export function forEachTap(
  { input, filter, output }: { readonly input: Shape; readonly filter: Shape; readonly output: Shape },
  { stride, dilation, groups, pads }: Conv2dAttributes,
  visit: (input: number, tap: number, output: number) => void,
): void {
  const [batch = 0, channels = 0, height = 0, width = 0] = input;
  const [filters = 0, channelsPerGroup = 0, kernelHeight = 0, kernelWidth = 0] = filter;
  const [, , outHeight = 0, outWidth = 0] = output;
  let target = 0;
  for (let n = 0; n < batch; n++) {
    for (let m = 0; m < filters; m++) {
      const group = Math.floor(m / (filters / groups));
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++, target++) {
          for (let c = 0; c < channelsPerGroup; c++) {
            const plane = (n * channels + group * channelsPerGroup + c) * height;
            for (let ky = 0; ky < kernelHeight; ky++) {
              const y = oy * stride - pads.before[0] + ky * dilation;
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelWidth; kx++) {
                const x = ox * stride - pads.before[1] + kx * dilation;
                if (x < 0 || x >= width) continue;
                const tap = ((m * channelsPerGroup + c) * kernelHeight + ky) * kernelWidth + kx;
                visit((plane + y) * width + x, tap, target);
              }
            }
          }
        }
      }
    }
  }
}
