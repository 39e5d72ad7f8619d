/**
 * The specifications of a page's figures in the form in which the page carries them. Those of one figure (wide and
 * narrow, logarithmic and linear) share most of their data, but further apart than gzip looks back: so each set of data
 * is there once. The page's script takes them out again with the same file.
 */
import type { Data, Spec, ValuesData } from 'vega';

/** What the client makes an interactive figure from; `linear` only where it differs. */
export interface CompiledAxes {
  readonly log: Spec;
  readonly linear?: Spec;
}

export type CompiledLayouts = Readonly<Record<'wide' | 'narrow', CompiledAxes>>;

export interface PackedSpecs {
  readonly sets: readonly (readonly unknown[])[];
  /** By the figure's id. Where a specification had values, it has the number of their set. */
  readonly figures: Readonly<Record<string, CompiledLayouts>>;
}

interface SetNumber {
  readonly set: number;
}

/** A hundredth of a pixel in a thousand needs no more. */
const digits = 6;

export function packSpecs(figures: Readonly<Record<string, CompiledLayouts>>): PackedSpecs {
  const sets = new Map<string, number>();
  const numbered = (data: Data): Data => {
    if (!isInline(data)) return data;
    const values = JSON.stringify(data.values, rounded);
    if (!sets.has(values)) sets.set(values, sets.size);
    return { ...data, values: { set: sets.get(values)! } satisfies SetNumber };
  };
  const ofAxes = ({ log, linear }: CompiledAxes): CompiledAxes => ({
    log: withData(log, numbered),
    ...(linear && { linear: withData(linear, numbered) }),
  });
  const packed = Object.entries(figures).map(
    ([id, { wide, narrow }]) => [id, { wide: ofAxes(wide), narrow: ofAxes(narrow) }] as const,
  );
  return {
    sets: [...sets.keys()].map((values) => JSON.parse(values) as unknown[]),
    figures: Object.fromEntries(packed),
  };
}

/** A specification with its data in it; a copy of its own, because Vega writes into them. */
export function unpackSpec(spec: Spec, { sets }: PackedSpecs): Spec {
  return withData(spec, (data) =>
    isInline(data)
      ? { ...data, values: structuredClone(sets[(data.values as SetNumber).set] ?? []) as unknown[] }
      : data,
  );
}

function withData(spec: Spec, change: (data: Data) => Data): Spec {
  return { ...spec, ...(spec.data && { data: spec.data.map(change) }) };
}

function isInline(data: Data): data is ValuesData {
  return 'values' in data;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(digits)) : value;
}
