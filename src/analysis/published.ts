import { readFileSync } from 'node:fs';
import { EcfxError } from '../errors.ts';
import { studyConfigurations, type StudySeries } from '../models/variants/study.ts';
import { buildGraph, parseVariant } from '../models/variants/variant.ts';
import { packageFile } from '../package-root.ts';
import { countNetwork, countNodes } from './count.ts';

/**
 * The front-page figure of "Making EfficientNet More Efficient" (arXiv 2106.03640), read off the picture: accuracy
 * against theoretical cost and training throughput of every configuration of the study.
 */
const figure = {
  file: ['fixtures', 'front-page-figure.csv'],
  source:
    'front-page figure of arXiv 2106.03640 (graphcore-research/making-efficientnet-more-efficient @ 874d392, img/front_page.png), digitised',
  columns: [
    'series',
    'size',
    'train_res',
    'fwd_train_flops_G_digitised',
    'train_img_per_s_pod16_digitised',
    'top1_digitised',
    'occluded',
  ],
} as const;

/** Half a pixel of the picture, in percentage points; more where a later series hides part of the marker. */
const readingError = { visible: 0.02, occluded: 0.05 } as const;

/** The plotted series: the five of the study, and the baseline, which is G1-GN-Native before its fine-tuning. */
export type FigureSeries = StudySeries | 'G1-GN-Baseline';

/** A marker of the study's front-page figure. */
export interface StudyPoint {
  readonly series: FigureSeries;
  /** `b0` … `b5`. */
  readonly size: string;
  /** The network as ecfx writes it: `efficientnet-b0@half:g16,e4,ln+pn`. */
  readonly variant: string;
  /** Side of the training images in pixels. */
  readonly trainResolution: number;
  /** ImageNet validation accuracy in per cent, give or take `error` percentage points. */
  readonly top1: number;
  readonly error: number;
  /** As plotted ("Fwd Training FLOPs"): multiply-accumulates per image, give or take 1 % (2 % where occluded). */
  readonly plottedMacs: number;
  /** As plotted: training images per second on a Graphcore IPU-POD16, same error. */
  readonly plottedImagesPerSecond: number;
  readonly origin: 'digitised';
  readonly source: string;
}

/** Accuracy of a variant that somebody else trained; per cent and percentage points. */
export interface Accuracy {
  readonly top1: number;
  readonly error: number;
  readonly origin: 'digitised';
  readonly series: FigureSeries;
  readonly source: string;
}

/** Every marker of the study's figure, series by series, B0 to B5. Throws `EcfxError` (input) on a damaged file. */
export function studyPoints(): readonly StudyPoint[] {
  points ??= readPoints();
  return points;
}

let points: readonly StudyPoint[] | undefined;

/**
 * The accuracy that the study published for a variant, fine-tuned at its testing size; null when it has none.
 * `variant` is the canonical name (`formatVariant`).
 */
export function accuracyOf(variant: string): Accuracy | null {
  const point = studyPoints().find((each) => each.variant === variant && each.series !== 'G1-GN-Baseline');
  if (!point) return null;
  const { top1, error, origin, series, source } = point;
  return { top1, error, origin, series, source };
}

/** Multiply-accumulates per image, counted by ecfx; counting all of the figure takes about half a second. */
export function macsPerImage(variant: string): number {
  let macs = countedMacs.get(variant);
  if (macs === undefined) {
    macs = countNetwork(countNodes(buildGraph(parseVariant(variant), 1))).perStep.macs;
    countedMacs.set(variant, macs);
  }
  return macs;
}

const countedMacs = new Map<string, number>();

function readPoints(): StudyPoint[] {
  const path = packageFile(...figure.file);
  const [header, ...rows] = readLines(path);
  if (header !== figure.columns.join(',')) {
    throw damaged(path, 1, `the columns should be ${figure.columns.join(', ')}`);
  }
  return rows.map((row, index) => parsePoint(row, (why) => damaged(path, index + 2, why)));
}

function parsePoint(row: string, fail: (why: string) => EcfxError): StudyPoint {
  const cells = row.split(',');
  if (cells.length !== figure.columns.length) throw fail(`${cells.length} columns`);
  const [seriesCell = '', sizeCell = '', resolution, gigaMacs, imagesPerSecond, top1, occluded] = cells;
  const number = (text: string | undefined): number => {
    const value = Number(text);
    if (text === undefined || text.trim() === '' || !(value > 0))
      throw fail(`“${text ?? ''}” is no positive number`);
    return value;
  };
  // The picture's legend writes LN+PN where the configurations write LN_PN.
  const series = seriesCell.replace('LN+PN', 'LN_PN');
  const size = sizeCell.toLowerCase();
  const network = series === 'G1-GN-Baseline' ? 'G1-GN-Native' : series;
  const configuration = studyConfigurations.find((each) => each.series === network && each.size === size);
  if (!configuration) throw fail(`${seriesCell} ${sizeCell} is no configuration of the study`);
  return {
    series: series as FigureSeries,
    size,
    variant: configuration.variant,
    trainResolution: number(resolution),
    top1: number(top1),
    error: occluded === 'no' ? readingError.visible : readingError.occluded,
    plottedMacs: number(gigaMacs) * 1e9,
    plottedImagesPerSecond: number(imagesPerSecond),
    origin: 'digitised',
    source: figure.source,
  };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (error) {
    throw new EcfxError('input', `${path} cannot be read, and comes with ecfx: install ecfx again`, {
      cause: error,
    });
  }
}

function damaged(path: string, line: number, why: string): EcfxError {
  return new EcfxError('input', `${path}, line ${line}: ${why}`);
}
