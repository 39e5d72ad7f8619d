import { bottleneckKnobs, bottleneckModel, type BottleneckNetwork } from '../layers/bottleneck-network.ts';
import { roundHalfEven, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults, efficientNetStages } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';

interface Member {
  readonly width: number;
  readonly depth: number;
  /** Of the resolution 224. */
  readonly resolution: number;
}

/** Han et al. 2020 as released (huawei-noah/Efficient-AI-Backbones @ f90e129b, tinynet_pytorch). */
export const tinyNetMembers = {
  a: { width: 1.0, depth: 1.2, resolution: 0.86 },
  b: { width: 0.75, depth: 1.1, resolution: 0.84 },
  c: { width: 0.54, depth: 0.85, resolution: 0.825 },
  d: { width: 0.54, depth: 0.695, resolution: 0.68 },
  e: { width: 0.51, depth: 0.6, resolution: 0.475 },
} as const satisfies Record<string, Member>;

/** Of EfficientNet-B0, from which TinyNets are shrunk. */
const tinyNetBaseResolution = 224;

/** The blocks of EfficientNet-B0. Repeats are rounded to the nearest; the stem stays, the head never gets narrower. */
function plan({ width, depth, expandRatio }: Knobs): BottleneckNetwork {
  return {
    stem: 32,
    stages: efficientNetStages.map((stage) => ({
      ...stage,
      expandRatio: stage.expandRatio === 'knob' ? expandRatio : stage.expandRatio,
      channels: scaleWidth(stage.channels, width),
      repeats: Math.max(1, roundHalfEven(stage.repeats * depth)),
      squeezeRatio: 0.25,
    })),
    head: Math.max(1280, scaleWidth(1280, width)),
    dropout: 0.2,
    survival: 0.8,
  };
}

/** TinyNet A–E. */
export const tinyNets: readonly Model[] = Object.entries(tinyNetMembers).map(
  ([size, { width, depth, resolution }]) =>
    bottleneckModel({
      name: `tinynet-${size}`,
      family: 'TinyNet',
      source: 'Han et al. 2020 (arXiv 2010.14819)',
      resolution: { native: Math.floor(tinyNetBaseResolution * resolution) },
      defaults: { ...efficientNetDefaults, padding: 'symmetric', width, depth },
      knobs: bottleneckKnobs,
      plan,
    }),
);
