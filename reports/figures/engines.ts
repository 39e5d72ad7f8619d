/** The same network on several engines and devices, side by side; work that an engine emulates is marked. */
import type { BenchResult, BenchRow, Estimate } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';
import { principalGroups } from '../setting.ts';
import { displayText } from '../tables/display-text.ts';
import { formatInterval, formatRatio, significant } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { quantityAxis } from './axis.ts';
import { intervalLayer, plainNumber, quantityScale, texts, topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { intervalExtent } from './interval-extent.ts';
import { singledOut } from './panel.ts';
import { distinctLabels, rowFrame } from './rows.ts';
import { seriesStyles } from './series-style.ts';

interface Point {
  readonly variant: string;
  readonly label: string;
  readonly engine: string;
  readonly throughput: Estimate;
  /** How the engine did otherwise than it was asked; empty when it did not. */
  readonly remark: string;
}

/** One a mode: variants that ran on two or more engines or devices. */
export function engineFigures(result: BenchResult): Figure[] {
  const rows = principalGroups(result.rows).flatMap((group) => group.rows);
  return (['training', 'inference'] as const).flatMap((mode) => {
    const points = enginePoints(rows.filter((row) => row.mode === mode));
    return points.length === 0 ? [] : [engineFigure(points, mode)];
  });
}

function enginePoints(rows: readonly BenchRow[]): Point[] {
  const measured = rows.filter((row) => row.throughput !== undefined);
  const byVariant = groupBy(measured, ({ variant }) => variant);
  const several = [...byVariant].filter(([, own]) => new Set(own.map(engineName)).size > 1);
  const labels = distinctLabels(several.map(([variant]) => variantLabel(variant)));
  return several.flatMap(([variant, own], index) =>
    own.map((row) => ({
      variant,
      label: labels[index]!,
      engine: engineName(row),
      throughput: row.throughput!,
      remark: remarkOn(row),
    })),
  );
}

function engineName({ engine, device, batch, threads }: BenchRow): string {
  return `${displayText(engine)} on ${displayText(device)}, batch ${String(batch)}, ${String(threads)} threads`;
}

/** Engines that report nothing are taken at their word. */
function remarkOn({ emulation, execution }: BenchRow): string {
  const remarks: string[] = [];
  if (emulation) remarks.push(`emulated, ${significant(100 * emulation.waste)} % of the work is waste`);
  if (execution?.fellBack)
    remarks.push(`fell back to the processor: ${Object.keys(execution.fellBack).join(', ')}`);
  return displayText(remarks.join('; '), 200);
}

function engineFigure(points: readonly Point[], mode: BenchRow['mode']): Figure {
  const title = finding(points);
  const engines = new Set(points.map(({ engine }) => engine));
  const description =
    `Dots of images per second (${mode}), one row a network, one dot for each of ${String(engines.size)} engines and devices. ` +
    'The table below has the numbers.';
  return {
    id: `engines-${mode}`,
    title,
    description,
    caption:
      'Images per second of the same network on each engine and device; bars are 95 % intervals. Hollow: the engine made ' +
      'an operator of others for want of a kernel, and did work that the network does not ask for.',
    tables: [engineTable(points, mode)],
    spec: (style) => spec(points, mode, { title, description }, style),
  };
}

function finding(points: readonly Point[]): string {
  const { variant } = points[0]!;
  const own = points
    .filter((point) => point.variant === variant)
    .toSorted((a, b) => b.throughput.estimate - a.throughput.estimate);
  const [fastest, next] = [own[0]!, own[1]!];
  return `${variantLabel(variant)} runs at ${formatRatio(fastest.throughput.estimate / next.throughput.estimate)} the speed on ${fastest.engine} that it has on ${next.engine}`;
}

function spec(
  points: readonly Point[],
  mode: BenchRow['mode'],
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const frame = rowFrame(
    points.map(({ label }) => label),
    style,
    34,
  );
  const engines = [...new Set(points.map(({ engine }) => engine))];
  const styles = seriesStyles(engines, style.theme);
  const axis = quantityAxis(style.axes, intervalExtent(points.map(({ throughput }) => throughput)));
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: `images per second, ${mode}`,
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: plainNumber, labelOverlap: true, grid: true },
  });
  const values = points.map(({ variant, label, engine, throughput, remark }) => ({
    key: variant,
    label,
    engine,
    x: throughput.estimate,
    low: throughput.low,
    high: throughput.high,
    colour: styles.get(engine)?.colour ?? style.theme.ink,
    measured: `${formatInterval(throughput)} img/s`,
    remark: remark === '' ? 'as asked' : remark,
    fill: remark === '' ? (styles.get(engine)?.colour ?? style.theme.ink) : style.theme.surface,
  }));
  const legend = {
    orient: 'bottom' as const,
    columns: style.layout === 'wide' ? 2 : 1,
    labelColor: style.theme.ink,
    labelLimit: style.layout === 'wide' ? 420 : 300,
  };
  const range = engines.map((engine) => styles.get(engine)?.colour ?? style.theme.ink);
  const shapes = engines.map((engine) => styles.get(engine)?.shape ?? 'circle');
  return {
    ...topLevel(words, style),
    width: frame.width,
    height: frame.height,
    layer: [
      intervalLayer(values, { y: frame.y, x: x('low'), x2: { field: 'high' } }),
      {
        data: { values },
        mark: { type: 'point' as const, size: 100, strokeWidth: 2 },
        encoding: {
          y: frame.y,
          x: x('x'),
          stroke: {
            field: 'engine',
            type: 'nominal' as const,
            title: null,
            scale: { domain: engines, range },
            legend,
          },
          shape: {
            field: 'engine',
            type: 'nominal' as const,
            title: null,
            scale: { domain: engines, range: shapes },
            legend,
          },
          fill: { field: 'fill', type: 'nominal' as const, scale: null },
          opacity: singledOut(),
          tooltip: texts({ label: 'variant', engine: 'engine', measured: 'measured', remark: 'executed' }),
        },
      },
    ],
  };
}

function engineTable(points: readonly Point[], mode: BenchRow['mode']): Table {
  return {
    caption: `Throughput by engine and device (${mode})`,
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'engine and device', key: 'engine', align: 'left' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'executed', key: 'executed', align: 'left' },
    ],
    rows: points.map(({ variant, label, engine, throughput, remark }) => ({
      cells: [
        { text: label, value: variant },
        { text: engine, value: engine },
        { text: formatInterval(throughput), value: throughput.estimate },
        { text: remark === '' ? 'as asked' : remark, value: remark === '' ? null : remark },
      ],
    })),
    notes: [],
  };
}
