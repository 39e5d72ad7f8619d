import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { TopLevelSpec } from 'vega-lite';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Figure, Layout } from '../../../reports/figures/figure.ts';
import { figureNames, frontPageData, resultFigures } from '../../../reports/figures/result-figures.ts';
import { speedUpData } from '../../../reports/figures/speed-up-data.ts';
import { speedUpFigure } from '../../../reports/figures/speed-up.ts';
import { relativeSpeed, roundRatios } from '../../../reports/relative-speed.ts';
import { cssTheme, literalTheme } from '../../../reports/render/theme.ts';
import { compileFigure, renderSvg } from '../../../reports/render/vega.ts';
import { groupBySetting } from '../../../reports/setting.ts';
import { sampleBenchResult, sampleFullResult } from '../../support/sample-bench-result.ts';
import { sampleBackground, studySample } from '../../support/study-sample.ts';

const study = studySample();
const background = { study, trainingCounts: new Map() };
const layouts: readonly Layout[] = ['wide', 'narrow'];
const samples = {
  'the quick set': sampleBenchResult(),
  'three sizes': sampleBenchResult({ variants: 'sizes' }),
  'a single round': sampleBenchResult({ rounds: 1 }),
  everything: sampleFullResult(),
};

let validate: ReturnType<Ajv['compile']>;

beforeAll(() => {
  const schema = JSON.parse(
    readFileSync(new URL(import.meta.resolve('vega-lite/vega-lite-schema.json')), 'utf8'),
  ) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true });
  validate = ajv.compile(schema);
}, 120_000);

describe.each(Object.entries(samples))('figures of %s', (_, result) => {
  test.each(layouts)('are valid Vega-Lite, compile without a warning and draw (%s)', async (layout) => {
    for (const figure of resultFigures(result, sampleBackground(result))) {
      for (const [theme, axes] of [
        [cssTheme, 'log'],
        [literalTheme, 'log'],
        [cssTheme, 'linear'],
      ] as const) {
        const spec = figure.spec({ theme, layout, axes, isTitled: theme === literalTheme });
        expect(validate(spec), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
        const { vega, warnings } = await compileFigure(spec);
        expect(warnings).toEqual([]);
        expect(await renderSvg(vega)).toMatch(/^<svg[^]*<\/svg>$/);
      }
    }
  });

  test('have all their words', () => {
    const figures = resultFigures(result, sampleBackground(result));
    for (const { title, description, caption } of figures) {
      for (const text of [title, description, caption]) {
        expect(text.length).toBeGreaterThan(20);
        expect(text).not.toMatch(/undefined|NaN|null/);
      }
    }
  });
});

test('no figure is in none of the samples', () => {
  const ids = Object.values(samples).flatMap((result) =>
    resultFigures(result, sampleBackground(result)).map(({ id }) => id),
  );
  for (const name of figureNames)
    expect(
      ids.some((id) => id.startsWith(name)),
      name,
    ).toBe(true);
});

test.each([
  ['the quick set', ['front-page', 'speed-up', 'rounds', 'parameters', 'course', 'resolution']],
  ['three sizes', ['front-page', 'speed-up', 'rounds', 'parameters', 'course']],
  ['a single round', ['front-page', 'speed-up', 'parameters', 'resolution']],
] as const)('of %s are those that there is data for', (name, expected) => {
  const ids = resultFigures(samples[name], background).map(({ id }) => id.replace('-inference', ''));
  expect(ids).toEqual(expected);
});

describe('figures of everything', () => {
  const result = samples.everything;
  const figures = resultFigures(result, background);
  const valuesOf = (id: string) => {
    const figure = figures.find((each) => each.id === id);
    if (figure === undefined) throw new Error(`There is no figure ${id}.`);
    return dataOf(figure.spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: false }));
  };
  const training = result.rows.filter(({ mode }) => mode === 'training');

  test('memory: the parts end where the prediction ends, the mark is the measured peak', () => {
    const values = valuesOf('memory-training-1');
    for (const { variant, predictedMemory, peakMemoryBytes } of training) {
      const own = values.filter(({ key }) => key === variant);
      expect(Math.max(...own.map(({ end }) => Number(end ?? 0)))).toBeCloseTo(
        predictedMemory!.total / 1e6,
        6,
      );
      expect(own).toContainEqual(expect.objectContaining({ x: peakMemoryBytes! / 1e6 }));
    }
  });

  test('rounds: as many ratios as rounds, around the overall interval', () => {
    const values = valuesOf('rounds-training-1');
    const [reference, row] = [training[0]!, training[1]!];
    const ratios = values.filter(({ key, round }) => key === row.variant && round !== undefined);
    expect(ratios).toHaveLength(result.protocol.rounds);
    const overall = relativeSpeed(row, reference)!;
    const { estimate: x, low, high } = overall;
    expect(values).toContainEqual(expect.objectContaining({ key: row.variant, x, low, high }));
    for (const { round, ratio } of roundRatios(row, reference)) {
      const [dot] = ratios.filter((each) => each['round'] === String(round));
      expect(dot?.['x']).toBeCloseTo(100 * (ratio / x - 1), 9);
    }
  });

  test('latency: percentiles and each step of the result, those beyond the edge counted at it', () => {
    const values = valuesOf('latency-training-1');
    for (const { variant, latency, samples } of training) {
      const { median, p95, p99 } = latency!;
      const own = values.filter(({ key }) => key === variant);
      expect(own).toContainEqual(
        expect.objectContaining({ x: 1e3 * median, until: 1e3 * p95!, far: 1e3 * p99! }),
      );
      const steps = samples.flatMap(({ latencySeconds }) => latencySeconds!);
      const slowest = 100 * (Math.max(...steps) / median - 1);
      const isDrawn = own.some(({ x, step }) => step !== undefined && Number(x) === slowest);
      expect(isDrawn || own.some(({ beyond }) => beyond !== undefined)).toBe(true);
    }
    const table = figures.find(({ id }) => id === 'latency-training-1')!.tables[0];
    expect(table.rows.map(({ cells }) => cells[3]?.value)).toEqual(
      training.map(({ latency }) => latency!.median),
    );
  });

  test('latency: nothing where no steps were waited for', () => {
    const rows = result.rows.map(({ latency: _, ...row }) => row);
    const ids = resultFigures({ ...result, rows }, background).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('latency'))).toEqual([]);
  });

  test('blocks: warm-up before the timed ones, collections labelled', () => {
    const values = valuesOf('blocks-training-1');
    for (const { variant, samples } of training.slice(0, 4)) {
      const own = values.filter(({ key }) => key === variant);
      for (const { round, stepSeconds, warmUp, collections = [] } of samples) {
        const line = own.filter((each) => each['round'] === round);
        const places = new Set(line.map(({ x }) => Number(x)));
        expect(Math.min(...places)).toBe(-warmUp!.stepSeconds.length);
        expect(Math.max(...places)).toBe(stepSeconds.length - 1);
        const blocks = own.filter((each) => each['round'] === String(round));
        const collected = blocks.filter(({ shape }) => shape === 'diamond');
        expect(collected.map(({ x }) => x)).toEqual(collections.map(({ block }) => block));
      }
    }
    const { title } = figures.find(({ id }) => id === 'blocks-training-1')!;
    expect(title).toMatch(
      /^Warm-up begins \d+\.\d % slower than what is timed; garbage was collected in 30 of 640/,
    );
  });

  test('course: the clock of each process below its time', () => {
    const values = valuesOf('course-training-1');
    const clocks = values.flatMap(({ key, known }) => (known === undefined ? [] : [key]));
    // The clock, and what other processes used.
    expect(clocks).toHaveLength(2 * training.length * result.protocol.rounds);
    expect(values).toContainEqual(
      expect.objectContaining({ key: training[0]!.variant, y: training[0]!.samples[0]!.clockHertz! / 1e9 }),
    );
  });

  test('parameters, batches, resolutions and engines: the numbers of the rows', () => {
    const inference = result.rows.filter(
      ({ mode, throughput }) => mode === 'inference' && throughput !== undefined,
    );
    for (const { theory, throughput, engine, batch } of inference) {
      if (engine !== 'onnxruntime' || batch !== 16) continue;
      expect(valuesOf('parameters-inference-2')).toContainEqual(
        expect.objectContaining({ x: theory.parameters / 1e6, y: throughput!.estimate }),
      );
    }
    const wasm = inference.filter(({ engine }) => engine === 'tfjs-wasm');
    for (const { throughput } of wasm)
      expect(valuesOf('engines-inference')).toContainEqual(
        expect.objectContaining({ x: throughput!.estimate }),
      );
    const single = inference.filter(({ batch }) => batch === 1);
    for (const { throughput, variant } of single)
      expect(valuesOf('batch-inference')).toContainEqual(
        expect.objectContaining({ key: variant, x: 1, y: throughput!.estimate }),
      );
    const half = inference.find(({ variant }) => variant === 'efficientnet-b0@half:g16,e4,gn4')!;
    expect(valuesOf('resolution')).toContainEqual(
      expect.objectContaining({ key: half.variant, x: half.theory.resolution, y: half.throughput!.estimate }),
    );
  });

  test('resolution: each size to train at with each to test at, accuracy where the study has one', () => {
    const row = (mode: string, variant: string) =>
      result.rows.find((each) => each.mode === mode && each.variant === variant && each.batch === 16)!;
    const [native, half] = ['efficientnet-b0:g16,e4,gn4', 'efficientnet-b0@half:g16,e4,gn4'] as const;
    const speed = (mode: string) =>
      row(mode, half).throughput!.estimate / row(mode, native).throughput!.estimate;
    const { tables, title } = figures.find(({ id }) => id === 'resolution')!;
    const cells = tables[1]!.rows.map((each) => each.cells.slice(1).map(({ value }) => value));
    expect(cells).toEqual([
      [160, 160, speed('training'), speed('inference'), null],
      [160, 224, speed('training'), 1, 77.84],
      [224, 160, 1, speed('inference'), null],
      [224, 224, 1, 1, 79.08],
    ]);
    expect(title).toContain('for 1.24 points of accuracy');
    expect(valuesOf('resolution')).toContainEqual(
      expect.objectContaining({ train: '160', test: '224', accuracy: '77.84 %' }),
    );
  });

  test('training: the shares of a step add up, in theory and in time', () => {
    const counted = { macs: 10, flops: 20, arithmetic: 1, transcendental: 0, bytesRead: 3, bytesWritten: 1 };
    const nothing = Object.fromEntries(Object.keys(counted).map((field) => [field, 0])) as typeof counted;
    const none = { normalization: nothing, activation: nothing, elementwise: nothing, update: nothing };
    const [half, whole] = [
      { ...counted, macs: 5, bytesRead: 1 },
      { ...none, pointwise: counted, spatial: nothing },
    ];
    const counts = {
      passes: { forward: counted, dataGradient: counted, weightGradient: counted, optimizer: counted },
      total: { ...counted, macs: 40, flops: 80, bytesRead: 12, bytesWritten: 4 },
      buckets: {
        forward: { ...none, pointwise: half, spatial: { ...half, bytesRead: 2, bytesWritten: 0 } },
        ...{ dataGradient: whole, weightGradient: whole, optimizer: whole },
      },
    };
    const [figure] = resultFigures(result, {
      study,
      trainingCounts: new Map([[training[0]!.variant, counts]]),
    }).filter(({ id }) => id.startsWith('training-cost'));
    const values = dataOf(
      figure!.spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: false }),
    );
    // MACs in millions; the forward pass is the first line below its variant's heading.
    const spatial = { pass: 'forward', bucket: 'spatial convolutions' };
    expect(values).toContainEqual(
      expect.objectContaining({ ...spatial, x: 5e-6, end: 10e-6, share: '13 %' }),
    );
    expect(values).toContainEqual(expect.objectContaining({ ...spatial, x: 2e-6, end: 4e-6 }));
    expect(values).toContainEqual(expect.objectContaining({ x: 10e-6, text: '25 %' }));
    const { split, stepSeconds } = training[0]!;
    const timed = values.filter(({ amount }) => String(amount).endsWith('ms'));
    expect(timed.map(({ end }) => Number(end))).toEqual([
      1e3 * split!.forward,
      1e3 * (split!.backward - split!.forward),
      1e3 * (stepSeconds!.estimate - split!.backward),
    ]);
    expect(figure?.title).toContain('25 % of the MACs');
    expect(figure?.title).toContain('most memory traffic is for 1×1 convolutions, dense (88 %)');
    expect(figure?.tables[1]?.rows).toHaveLength(5);
  });

  test('equal accuracy: the claim of the study, here', () => {
    expect(figures[0]?.title).toMatch(
      /^At equal accuracy \(79\.20 %\) the study's three methods train at \d\.\d\d×/,
    );
    expect(figures[0]?.tables).toHaveLength(2);
  });
});

describe('the front page', () => {
  const result = samples['the quick set'];
  const [group] = groupBySetting(result.rows);
  if (group === undefined) throw new Error('The sample has no rows.');
  const data = frontPageData(group, study);
  const figure = resultFigures(result, background)[0]!;

  test('has the measured rows with an accuracy, and no others', () => {
    expect(data.measured.map(({ variant }) => variant)).toEqual([
      'efficientnet-b0:gn4',
      'efficientnet-b0:g16,e4,gn4',
      'efficientnet-b0:g16,e4,ln+pn',
      'efficientnet-b0@half:g16,e4,ln+pn',
    ]);
  });

  test('draws the numbers of the result', () => {
    const values = dataOf(figure.spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: false }));
    const measured = values.filter((value) => typeof value['throughput'] === 'string' && 'low' in value);
    for (const row of data.measured) {
      expect(measured).toContainEqual(
        expect.objectContaining({
          variant: row.variant,
          x: row.throughput.estimate,
          low: row.throughput.low,
          high: row.throughput.high,
          y: row.top1,
        }),
      );
    }
    for (const point of study) {
      expect(values).toContainEqual(
        expect.objectContaining({ series: point.series, x: point.flops / 1e9, y: point.top1 }),
      );
    }
  });

  test('states what was found', () => {
    expect(figure.title).toBe(
      'G16-GN-Native B0 needs 1.65× the FLOPs of G1-GN-Native B0 and still runs at 1.14× its speed here',
    );
  });

  test('says where the accuracy is from', () => {
    expect(figure.caption).toContain('digitised');
    expect(figure.caption).toContain('graphcore-research/making-efficientnet-more-efficient @ 874d392');
  });

  test('draws one mark for each point, interval, curve and name', async () => {
    const svg = await draw(figure, 'wide');
    // Symbols: the study's points, then the measured ones in both panels.
    expect(marks(svg, 'symbol')).toBe(study.length + 2 * data.measured.length);
    for (const label of ['B0', 'G16-LN_PN-Half', 'G1-GN-Baseline', 'G16-LN_PN-Native B0', 'B5']) {
      expect(svg).toContain(`>${label}</text>`);
    }
    // Intervals, and a leader from each of the six curves to its name; axes have rules of their own class.
    expect(marks(svg, 'rule')).toBe(data.measured.length + 6);
  });

  test('is left out when no accuracy is known', () => {
    const rows = result.rows.map((row) => ({ ...row, accuracy: null }));
    expect(resultFigures({ ...result, rows }, background)[0]?.id).toBe('speed-up-inference');
  });
});

describe('theoretical against measured speed-up', () => {
  const result = samples['the quick set'];
  const [group] = groupBySetting(result.rows);
  const data = group === undefined ? null : speedUpData(group);
  if (data === null) throw new Error('The sample has no measured rows.');
  const figure = speedUpFigure(data)!;

  test('has every measured row, against the first', () => {
    const [reference, ...others] = result.rows;
    if (reference === undefined) throw new Error('The sample has no rows.');
    expect(data.reference).toBe('efficientnet-b0');
    expect(data.points).toHaveLength(result.rows.length - 1);
    for (const row of others.filter(({ error }) => error === undefined)) {
      expect(data.points).toContainEqual(
        expect.objectContaining({
          variant: row.variant,
          theory: reference.theory.macs / row.theory.macs,
          measured: relativeSpeed(row, reference),
        }),
      );
    }
  });

  test('draws the numbers', () => {
    const values = dataOf(figure.spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: false }));
    for (const { theory, measured } of data.points) {
      expect(values).toContainEqual(
        expect.objectContaining({ x: theory, y: measured.estimate, low: measured.low, high: measured.high }),
      );
    }
  });

  test('draws a mark a variant, and an interval for each but the reference', async () => {
    const svg = await draw(figure, 'wide');
    expect(marks(svg, 'symbol')).toBe(data.points.length);
    expect(marks(svg, 'rule')).toBe(data.points.length - 1);
    expect(svg).toContain('>b0 (reference)</text>');
    expect(svg).toContain('>as the MACs promise</text>');
  });

  test('states what was found', () => {
    expect(figure.title).toMatch(/^b0:g16,e4,gn4 needs 1\.65× the FLOPs of b0 but takes 1\.\d\d× the time$/);
  });

  test('claims nothing that the intervals do not show', () => {
    const points = data.points.map((point) => ({
      ...point,
      measured: { estimate: point.measured.estimate, low: point.theory / 3, high: point.theory * 3 },
    }));
    expect(speedUpFigure({ ...data, points })?.title).toBe(
      'Within the noise, time relative to b0 is what the FLOPs promise',
    );
  });

  test('intervals that would hide each other stand side by side, the others where they belong', () => {
    const points = data.points.map(({ measured, ...point }) =>
      point.isReference || point.theory === 1
        ? { ...point, measured }
        : { ...point, measured: { estimate: measured.estimate, low: 0.5, high: 2 } },
    );
    const spec = speedUpFigure({ ...data, points })?.spec({
      theme: literalTheme,
      layout: 'wide',
      axes: 'log',
      isTitled: false,
    });
    if (spec === undefined) throw new Error('There are points to compare.');
    const shiftOf = (variant: string) =>
      dataOf(spec).find((value) => value['variant'] === variant)?.['shift'];
    expect(shiftOf('b0:g16,e4,gn4')).toBeCloseTo(-3.5, 9);
    expect(shiftOf('b0:g16,e4,ln+pn')).toBeCloseTo(3.5, 9);
    expect(shiftOf('b0')).toBe(0);
    expect(shiftOf('b0:gn4')).toBe(0);
  });

  test('is left out when there is nothing to compare', () => {
    expect(speedUpFigure({ ...data, points: data.points.slice(0, 1) })).toBeNull();
  });
});

test('groups that may not be compared get figures of their own; another batch is a point on a curve', () => {
  const result = samples['the quick set'];
  const training = result.rows.map((row) => ({ ...row, mode: 'training' as const }));
  const larger = result.rows.map((row) => ({ ...row, batch: 32 }));
  const figures = resultFigures({ ...result, rows: [...result.rows, ...training, ...larger] }, background);
  expect(figures.map(({ id }) => id)).toContain('batch-inference');
  expect(figures.filter(({ id }) => id.startsWith('speed-up'))).toHaveLength(2);
  expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
  expect(figures[0]?.setting).toContain('batch 16');
});

async function draw(figure: Figure, layout: Layout): Promise<string> {
  const { vega } = await compileFigure(
    figure.spec({ theme: literalTheme, layout, axes: 'log', isTitled: false }),
  );
  return renderSvg(vega);
}

/** How many items the marks of a type have, guides (axes, titles) left out. */
function marks(svg: string, type: 'symbol' | 'rule'): number {
  const groups = svg.match(new RegExp(`<g class="mark-${type} role-mark[^>]*>.*?</g>`, 'gs')) ?? [];
  return groups.flatMap((group) => group.match(/<(?:path|line)\b/g) ?? []).length;
}

/** All inline data of a specification. */
function dataOf(spec: TopLevelSpec): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { data } = node as { data?: { values?: Record<string, unknown>[] } };
    if (data?.values !== undefined) found.push(...data.values);
    for (const child of Object.values(node)) visit(child);
  };
  visit(spec);
  return found;
}
