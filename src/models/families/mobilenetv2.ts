import { bottleneckKnobs, bottleneckModel, type BottleneckNetwork } from '../layers/bottleneck-network.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import { efficientNetDefaults } from './efficientnet.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';

/** MobileNetV2 (Sandler et al. 2018, table 2). */
const stages = [
  { stride: 1, expandRatio: 1, channels: 16, repeats: 1 },
  { stride: 2, expandRatio: 'knob', channels: 24, repeats: 2 },
  { stride: 2, expandRatio: 'knob', channels: 32, repeats: 3 },
  { stride: 2, expandRatio: 'knob', channels: 64, repeats: 4 },
  { stride: 1, expandRatio: 'knob', channels: 96, repeats: 3 },
  { stride: 2, expandRatio: 'knob', channels: 160, repeats: 3 },
  { stride: 1, expandRatio: 'knob', channels: 320, repeats: 1 },
] as const;

interface Member {
  readonly width: number;
  readonly depth: number;
  /** timm's deeper networks keep the width of stem and head. */
  readonly keepsEnds: boolean;
  readonly aliases: readonly string[];
}

const members: Readonly<Record<string, Member>> = {
  mobilenetv2: { width: 1, depth: 1, keepsEnds: false, aliases: ['mobilenet-v2', 'mobilenetv2-100'] },
  'mobilenetv2-035': { width: 0.35, depth: 1, keepsEnds: false, aliases: [] },
  'mobilenetv2-050': { width: 0.5, depth: 1, keepsEnds: false, aliases: [] },
  'mobilenetv2-075': { width: 0.75, depth: 1, keepsEnds: false, aliases: [] },
  'mobilenetv2-140': { width: 1.4, depth: 1, keepsEnds: false, aliases: [] },
  'mobilenetv2-110d': { width: 1.1, depth: 1.2, keepsEnds: true, aliases: [] },
  'mobilenetv2-120d': { width: 1.2, depth: 1.4, keepsEnds: true, aliases: [] },
};

/** The first and the last stage are as deep in every member; the head never gets narrower. */
function plan({ width, depth, expandRatio }: Knobs, { keepsEnds }: Member): BottleneckNetwork {
  const last = stages.length - 1;
  return {
    stem: keepsEnds ? 32 : scaleWidth(32, width),
    stages: stages.map((stage, index) => ({
      ...stage,
      kernel: 3,
      expandRatio: stage.expandRatio === 'knob' ? expandRatio : stage.expandRatio,
      channels: scaleWidth(stage.channels, width),
      repeats: index === 0 || index === last ? stage.repeats : scaleDepth(stage.repeats, depth),
    })),
    head: keepsEnds ? 1280 : Math.max(1280, scaleWidth(1280, width)),
    dropout: 0.2,
    survival: 1,
  };
}

/** MobileNetV2, its other widths, and timm's deeper ones. */
export const mobileNetV2s: readonly Model[] = Object.entries(members).map(([name, member]) =>
  bottleneckModel({
    name,
    aliases: member.aliases,
    family: 'MobileNetV2',
    source: 'Sandler et al. 2018 (arXiv 1801.04381), table 2',
    resolution: { native: 224 },
    defaults: {
      ...efficientNetDefaults,
      activation: 'relu6',
      padding: 'symmetric',
      width: member.width,
      depth: member.depth,
    },
    knobs: bottleneckKnobs,
    plan: (knobs) => plan(knobs, member),
  }),
);
