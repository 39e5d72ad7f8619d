/**
 * The front page of Making EfficientNet More Efficient (arXiv 2106.03640), with this machine in place of the authors':
 * accuracy against FLOPs on the left, accuracy against measured throughput on the right. Its words and numbers; the
 * drawing is in front-page-spec.ts.
 */
import { displayText } from '../tables/display-text.ts';
import { formatInterval, formatPercent, formatRatio, significant, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import type { Figure } from './figure.ts';
import {
  acceleratorScale,
  claimsHere,
  isoAccuracies,
  pointName,
  practiceFront,
  recipesOf,
  theoryFront,
  type FrontPageData,
  type FrontPagePoint,
  type NetworkPoint,
} from './front-page-data.ts';
import { frontPageSpec } from './front-page-spec.ts';

const source =
  "the authors' figure (repository graphcore-research/making-efficientnet-more-efficient @ 874d392, img/front_page.png)";

/** Null when no measured network has a known accuracy: there would be nothing to draw on the right. */
export function frontPageFigure(data: FrontPageData): Figure | null {
  if (data.measured.length === 0) return null;
  return {
    id: `front-page-${data.mode}`,
    title: finding(data),
    description: describe(data),
    caption: caption(data),
    tables: [frontPageTable(data), ...isoAccuracyTable(data)],
    spec: (style) => frontPageSpec(data, { title: finding(data), description: describe(data) }, style),
  };
}

function finding(data: FrontPageData): string {
  const { measured, mode } = data;
  const [claim] = claimsHere(data);
  if (claim !== undefined) {
    const { found, published } = claim;
    return `At equal accuracy (${formatPercent(found.top1)}) the study's three methods train at ${formatRatio(found.speedUp)} the speed of its baseline here; the study says ${published}`;
  }
  const [iso] = isoAccuracies(measured).toSorted((a, b) => b.speedUp - a.speedUp);
  if (iso !== undefined && iso.speedUp > 1) {
    return `At equal accuracy (${formatPercent(iso.top1)}) ${iso.series} runs ${mode} at ${formatRatio(iso.speedUp)} the speed of ${iso.referenceSeries} here`;
  }
  const inversion = strongestInversion(measured);
  if (inversion !== null) {
    const { dearer, cheaper } = inversion;
    const flops = formatRatio(dearer.flops / cheaper.flops);
    const speed = formatRatio(dearer.throughput.estimate / cheaper.throughput.estimate);
    return `${pointName(dearer)} needs ${flops} the FLOPs of ${pointName(cheaper)} and still runs at ${speed} its speed here`;
  }
  if (recipesOf(data).length > 1) {
    return `Accuracies of ${String(recipesOf(data).length)} training recipes against FLOPs and against speed measured here`;
  }
  const theory = theoryFront(measured);
  const practice = practiceFront(measured);
  if (theory.length === practice.length && theory.every((point) => practice.includes(point))) {
    return `By FLOPs and by measured speed the best trade-offs are the same: ${listNames(theory)}`;
  }
  return `By FLOPs the best trade-offs are ${listNames(theory)}; by measured speed ${listNames(practice)}`;
}

/** The pair in which more FLOPs are faster beyond the intervals, and by most. */
function strongestInversion(
  points: readonly FrontPagePoint[],
): { dearer: FrontPagePoint; cheaper: FrontPagePoint } | null {
  let best: { dearer: FrontPagePoint; cheaper: FrontPagePoint; strength: number } | null = null;
  for (const dearer of points) {
    for (const cheaper of points) {
      const slowest = dearer.throughput.low;
      const fastest = cheaper.throughput.high;
      if (slowest === null || fastest === null || slowest <= fastest || dearer.flops <= cheaper.flops * 1.02)
        continue;
      // Accuracies of different recipes say nothing about the networks.
      if (dearer.recipe !== cheaper.recipe) continue;
      // Only where nothing is lost in accuracy beyond the error of reading it.
      if (dearer.top1 < cheaper.top1 - dearer.error - cheaper.error) continue;
      const strength =
        (dearer.flops / cheaper.flops) * (dearer.throughput.estimate / cheaper.throughput.estimate);
      if (best === null || strength > best.strength) best = { dearer, cheaper, strength };
    }
  }
  return best;
}

function listNames(points: readonly NetworkPoint[]): string {
  return points.length > 4 ? `${String(points.length)} variants` : points.map(pointName).join(', ');
}

function describe({ measured, study, mode }: FrontPageData): string {
  const theory = listNames(theoryFront(measured));
  const practice = listNames(practiceFront(measured));
  return (
    `Two scatter plots of ImageNet top-1 accuracy, ${String(measured.length)} networks measured in ${mode}. ` +
    `Left: against counted FLOPs, with ${String(study.length)} networks of the study behind them; ` +
    `of those measured, ${theory} are on the Pareto front. ` +
    `Right: against images per second measured here; ${practice} are on the front. The table below has the numbers.`
  );
}

function caption(data: FrontPageData): string {
  const { measured, study } = data;
  const recipes = recipesOf(data);
  const origins = new Set(measured.map(({ origin }) => origin));
  const accuracy = [
    study.length > 0 || origins.has('digitised')
      ? `Accuracy is digitised, not a printed figure: read off ${source}, error about ±0.02 percentage points, ±0.05 where markers cover each other.`
      : '',
    origins.has('published') ? 'Published accuracies are printed figures, as the table says.' : '',
    recipes.length > 1
      ? `Networks were trained by ${String(recipes.length)} recipes (${recipes.join('; ')}): between recipes, accuracies do not compare networks alone.`
      : '',
    origins.has('imported') ? 'Some accuracies are imported from a file of the user.' : '',
  ];
  return [
    ...accuracy,
    'FLOPs are counted per image at the resolution of the variant: 2 × the MACs of convolutions and dense layers.',
    'Images per second are measured here; bars are 95 % intervals.',
    study.length > 0 ? 'Faint: all networks of the study; emphasised: those measured in this run.' : '',
    'The grey band joins the Pareto front of the estimates: nothing shown is both more accurate and cheaper (left) or faster (right).',
    isoAccuracies(measured).length > 0
      ? 'Dashed: the largest speed-up at equal accuracy, interpolated along the front of each series, linear in accuracy and logarithmic in speed.'
      : '',
    acceleratorScale(data) === null
      ? ''
      : "The study's accelerator, if shown, is divided by one factor so that it lies on this machine on average.",
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function frontPageTable({ measured, mode }: FrontPageData): Table {
  const theory = new Set(theoryFront(measured));
  const practice = new Set(practiceFront(measured));
  const onFront = (isOn: boolean) => ({ text: isOn ? 'yes' : 'no', value: isOn ? 'yes' : 'no' });
  return {
    caption: `Accuracy, FLOPs and throughput (${mode})`,
    columns: [
      { header: 'network', key: 'network', align: 'left' },
      { header: 'top-1', unit: '%', key: 'top1_percent', align: 'right' },
      { header: 'error', unit: '± pp', key: 'top1_error', align: 'right' },
      { header: 'accuracy is', key: 'top1_origin', align: 'left' },
      { header: 'trained by', key: 'recipe', align: 'left' },
      { header: 'counted', unit: 'GFLOP', key: 'flops', align: 'right' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'front', unit: 'FLOPs', key: 'on_flops_front', align: 'left' },
      { header: 'front', unit: 'speed', key: 'on_speed_front', align: 'left' },
    ],
    rows: measured.map((point) => ({
      cells: [
        { text: pointName(point), value: point.variant },
        { text: point.top1.toFixed(2), value: point.top1 },
        { text: point.error.toFixed(2), value: point.error },
        { text: point.origin, value: point.origin },
        { text: displayText(point.recipe ?? unknown), value: point.recipe ?? null },
        { text: significant(point.flops / 1e9), value: point.flops },
        { text: formatInterval(point.throughput), value: point.throughput.estimate },
        onFront(theory.has(point)),
        onFront(practice.has(point)),
      ],
    })),
    notes: ['Fronts are among the measured networks of this table.'],
  };
}

/** Empty where no two series span the same accuracy: that takes two sizes of one of them. */
function isoAccuracyTable(data: FrontPageData): Table[] {
  const iso = isoAccuracies(data.measured);
  const claims = claimsHere(data);
  const rows = [
    ...iso.map(({ series, referenceSeries, ...found }) => ({
      series,
      referenceSeries,
      found,
      published: null,
    })),
    ...claims.map(({ series, reference, found, published, claim }) => ({
      series: `${series} (${claim})`,
      referenceSeries: reference,
      found,
      published,
    })),
  ];
  if (rows.length === 0) return [];
  return [
    {
      caption: `Largest speed-up at equal accuracy (${data.mode})`,
      columns: [
        { header: 'series', key: 'series', align: 'left' },
        { header: 'over', key: 'reference_series', align: 'left' },
        { header: 'top-1', unit: '%', key: 'top1_percent', align: 'right' },
        { header: 'here', key: 'speed_up', align: 'right' },
        { header: 'published', key: 'published_speed_up', align: 'right' },
      ],
      rows: rows.map(({ series, referenceSeries, found, published }) => ({
        cells: [
          { text: series, value: series },
          { text: referenceSeries, value: referenceSeries },
          { text: found.top1.toFixed(2), value: found.top1 },
          { text: formatRatio(found.speedUp), value: found.speedUp },
          { text: published ?? unknown, value: published },
        ],
      })),
      notes: [
        "Interpolated along each series' Pareto front; nothing is extrapolated. The study's baseline has no fine-tuning.",
      ],
    },
  ];
}
