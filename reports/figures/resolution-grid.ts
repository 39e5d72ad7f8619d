/** Sizes to train at times sizes to test at: what each pair gains in speed here, and the accuracy where the study published it. */
import { groupBy } from '../group-by.ts';
import { formatPercent, formatRatio, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { texts } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import { singledOut, type Layer, type Panel } from './panel.ts';
import type { ResolutionPoint } from './resolution-data.ts';

interface GridCell {
  readonly network: string;
  /** Trained at, which is what the accuracy is of. */
  readonly variant: string;
  readonly trainSide: number;
  readonly testSide: number;
  /** Against the largest size of the mode. */
  readonly trainingSpeed: number;
  readonly inferenceSpeed: number;
  /** Per cent; null where nobody published it. */
  readonly top1: number | null;
}

/** Networks that are drawn; more do not fit beside each other. */
const mostGrids = 3;

/** The cells of networks that were measured at two sizes or more in both modes. */
export function resolutionGrid(
  training: readonly ResolutionPoint[],
  inference: readonly ResolutionPoint[],
): GridCell[] {
  const tested = groupBy(inference, ({ network }) => network);
  return [...groupBy(training, ({ network }) => network)].flatMap(([network, trained]) => {
    const tests = tested.get(network) ?? [];
    const [largestTrained, largestTested] = [trained.at(-1)!, tests.at(-1)];
    return trained.flatMap((train) =>
      tests.map((test): GridCell => {
        const { accuracy } = train.row;
        // The study trains at a size, and tests at the network's own after a short fine-tuning there.
        const isPublished = accuracy?.origin === 'digitised' && test.row.variant === network;
        return {
          network,
          variant: train.row.variant,
          trainSide: train.side,
          testSide: test.side,
          trainingSpeed: train.throughput.estimate / largestTrained.throughput.estimate,
          inferenceSpeed: test.throughput.estimate / largestTested!.throughput.estimate,
          top1: isPublished ? accuracy.top1 : null,
        };
      }),
    );
  });
}

/** A panel a network. */
export function gridPanels(cells: readonly GridCell[], style: FigureStyle): Panel[] {
  const networks = [...groupBy(cells, ({ network }) => network)].slice(0, mostGrids);
  const fastest = Math.max(
    ...cells.map(({ trainingSpeed, inferenceSpeed }) => trainingSpeed * inferenceSpeed),
  );
  return networks.map(([network, own]) => gridPanel(network, own, networks.length, fastest, style));
}

function gridPanel(
  network: string,
  cells: readonly GridCell[],
  count: number,
  fastest: number,
  style: FigureStyle,
): Panel {
  const { theme, layout } = style;
  const columns = new Set(cells.map(({ trainSide }) => trainSide)).size;
  const rows = new Set(cells.map(({ testSide }) => testSide)).size;
  const room = layout === 'wide' ? Math.min(420, Math.round(860 / count) - 60) : 280;
  const [width, height] = [Math.min(room, 150 * columns), 70 * rows];
  const values = cells.map(({ variant, trainSide, testSide, trainingSpeed, inferenceSpeed, top1 }) => ({
    key: variant,
    train: String(trainSide),
    test: String(testSide),
    // The slowest is bare, the fastest half covered, so that ink is legible on all.
    gain: fastest > 1 ? (0.5 * Math.log(trainingSpeed * inferenceSpeed)) / Math.log(fastest) : 0,
    variant: variantLabel(variant),
    training: `train ${formatRatio(trainingSpeed)}`,
    inference: `test ${formatRatio(inferenceSpeed)}`,
    accuracy: top1 === null ? 'accuracy unknown' : formatPercent(top1),
    isKnown: top1 !== null,
  }));
  const side = (field: string, title: string, sort: string[]) => ({
    field,
    type: 'ordinal' as const,
    title,
    sort,
    scale: { paddingInner: 0.04, paddingOuter: 0 },
    axis: { grid: false, labelAngle: 0 },
  });
  const sorted = (which: 'trainSide' | 'testSide') =>
    [...new Set(cells.map((cell) => cell[which]))].sort((a, b) => a - b).map(String);
  const x = side('train', 'train at, pixels', sorted('trainSide'));
  const y = side('test', 'test at, pixels', sorted('testSide').reverse());
  const fontSize = width / columns >= 90 ? 11 : 9;
  const text = (field: string, dy: number, of: object[] = values, isBold = false): Layer => ({
    data: { values: of },
    mark: {
      type: 'text',
      dy,
      fontSize,
      fontWeight: isBold ? 'bold' : 'normal',
      color: theme.ink,
      tooltip: null,
    },
    encoding: { x, y, text: { field, type: 'nominal' }, opacity: singledOut() },
  });
  const known = values.filter(({ isKnown }) => isKnown);
  return {
    title: {
      text: variantLabel(network),
      subtitle: 'speed against the largest size; darker is faster',
      limit: width + 60,
    },
    width,
    height,
    layer: [
      {
        data: { values },
        mark: { type: 'rect', color: theme.series[6]!, stroke: theme.grid, cornerRadius: 3 },
        encoding: {
          x,
          y,
          fillOpacity: { field: 'gain', type: 'quantitative', scale: null },
          opacity: singledOut(),
          tooltip: texts({
            train: 'train at',
            test: 'test at',
            training: 'training',
            inference: 'inference',
            accuracy: 'top-1',
          }),
        },
      },
      text('training', -16),
      text('inference', 0),
      ...(known.length === 0 ? [] : [text('accuracy', 18, known, true)]),
    ],
  };
}

export function gridTable(cells: readonly GridCell[]): Table {
  return {
    caption: 'Size to train at × size to test at',
    columns: [
      { header: 'network', key: 'network', align: 'left' },
      { header: 'train at', unit: 'pixels', key: 'train_resolution', align: 'right' },
      { header: 'test at', unit: 'pixels', key: 'test_resolution', align: 'right' },
      { header: 'training', unit: 'speed', key: 'training_speed', align: 'right' },
      { header: 'inference', unit: 'speed', key: 'inference_speed', align: 'right' },
      { header: 'top-1', unit: '%', key: 'top1', align: 'right' },
    ],
    rows: cells.map(({ network, trainSide, testSide, trainingSpeed, inferenceSpeed, top1 }) => ({
      cells: [
        { text: variantLabel(network), value: network },
        { text: String(trainSide), value: trainSide },
        { text: String(testSide), value: testSide },
        { text: formatRatio(trainingSpeed), value: trainingSpeed },
        { text: formatRatio(inferenceSpeed), value: inferenceSpeed },
        { text: top1 === null ? unknown : top1.toFixed(2), value: top1 },
      ],
    })),
    notes: [
      'Speeds are against the largest size of the mode, measured here. Accuracies are the study’s, which published those at the network’s own size only.',
    ],
  };
}
