import { bottleneckKnobs, bottleneckModel, type BottleneckNetwork } from '../layers/bottleneck-network.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults, efficientNetStages } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';

/** Neither is scaled. */
const stem = 32;
const head = 1280;

/** Coefficients, dropout and resolutions (tensorflow/tpu @ 7dc921f8, efficientnet/lite). */
const members: Readonly<
  Record<string, { width: number; depth: number; dropout: number; resolution: number }>
> = {
  lite0: { width: 1.0, depth: 1.0, dropout: 0.2, resolution: 224 },
  lite1: { width: 1.0, depth: 1.1, dropout: 0.2, resolution: 240 },
  lite2: { width: 1.1, depth: 1.2, dropout: 0.3, resolution: 260 },
  lite3: { width: 1.2, depth: 1.4, dropout: 0.3, resolution: 280 },
  lite4: { width: 1.4, depth: 1.8, dropout: 0.3, resolution: 300 },
};

/** EfficientNet without squeeze-and-excite; the first and the last stage are as deep in every member. */
function plan({ width, depth, expandRatio }: Knobs, dropout: number): BottleneckNetwork {
  const last = efficientNetStages.length - 1;
  return {
    stem,
    stages: efficientNetStages.map((stage, index) => ({
      ...stage,
      expandRatio: stage.expandRatio === 'knob' ? expandRatio : stage.expandRatio,
      channels: scaleWidth(stage.channels, width),
      repeats: index === 0 || index === last ? stage.repeats : scaleDepth(stage.repeats, depth),
    })),
    head,
    dropout,
    survival: 0.8,
  };
}

/** EfficientNet-Lite0–4, with ReLU6. */
export const efficientNetLites: readonly Model[] = Object.entries(members).map(
  ([size, { width, depth, dropout, resolution }]) =>
    bottleneckModel({
      name: `efficientnet-${size}`,
      aliases: [size],
      family: 'EfficientNet-Lite',
      source: 'tensorflow/tpu @ 7dc921f8, models/official/efficientnet/lite',
      resolution: { native: resolution },
      defaults: { ...efficientNetDefaults, activation: 'relu6', width, depth },
      knobs: bottleneckKnobs,
      plan: (knobs) => plan(knobs, dropout),
    }),
);
