import type { Tensor } from '../graph/graph.ts';
import type { KnobName, Knobs } from './knobs.ts';
import type { NetworkBuilder } from './layers/network-builder.ts';

/** A stage of a network after scaling: one row of the table in its paper. */
export interface StageRow {
  readonly stage: string;
  readonly block: string;
  readonly kernel: number;
  readonly stride: number;
  readonly expandRatio: number | null;
  readonly channels: number;
  readonly repeats: number;
}

/** Sides of the square images, in pixels. */
export interface Resolutions {
  /** What the published accuracy is for. */
  readonly native: number;
  /** Where its authors train at another one. */
  readonly train?: number;
  /** Where the study trains at half the pixels. */
  readonly half?: number;
}

/** A network that can be built by name. */
export interface Model {
  readonly name: string;
  /** What else the field calls it, in lower case with hyphens. */
  readonly aliases?: readonly string[];
  readonly family: string;
  /** Paper and table that define it. */
  readonly source: string;
  readonly resolution: Resolutions;
  readonly defaults: Knobs;
  /** The knobs that mean something for this family; others are refused. */
  readonly knobs: readonly KnobName[];
  /** Why a knob that is not among them is refused, where its name does not say it. */
  readonly refusals?: Readonly<Partial<Record<KnobName, string>>>;
  /** Why these settings together make no network of this family; undefined when they do. */
  objection?(knobs: Knobs): string | undefined;
  stages(knobs: Knobs): readonly StageRow[];
  /** From images `[N, 3, R, R]` to logits `[N, 1000]`. */
  build(net: NetworkBuilder, images: Tensor, knobs: Knobs): Tensor;
}
