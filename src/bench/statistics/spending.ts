/**
 * Where the time of a run is best spent: on more blocks in a process, or on more processes.
 *
 * The two-level case of Kalibera & Jones, *Rigorous Benchmarking in Reasonable Time*, ISMM 2013: the variance
 * s_b²/R + s_w²/(R·K) of R rounds with K blocks a process, at the cost R·(c_p + K·c_w), is least at
 * K* = (s_w/s_b) · √(c_p/c_w).
 * All deviations are of logarithms of step times, so 0.02 is two per cent.
 */
import { mean, sampleVariance } from 'simple-statistics';
import { studentTQuantile } from './student-t.ts';

/** What is known of one cell for this purpose. */
export interface CellTimes {
  /** Equal for cells of the same subject; the A/A control is a subject of its own. */
  readonly subject: string;
  readonly round: number;
  /** Seconds per step of each block, in order. */
  readonly stepSeconds: readonly number[];
}

export interface Deviations {
  /** s_b: from process to process, without what a whole round shares and without what blocks scatter. */
  readonly between: number;
  /** s_w: from block to block of a process. */
  readonly within: number;
}

/** Seconds. */
export interface CellCost {
  /** c_p: launch, build, compilation, first step, warm-up: all that comes before the first block. */
  readonly processSeconds: number;
  /** c_w: one block. */
  readonly blockSeconds: number;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Fewer blocks say nothing about a process's scatter; more buy next to nothing. */
export const blockBounds: Bounds = { least: 5, most: 30 };

/**
 * Estimates both deviations from a pilot, by an analysis of variance of the log means of cells: subject and round are
 * taken out (the ratios of a round do not see what it shares), and of the rest the share of the blocks' scatter.
 * Only rounds that all subjects have count. Null with fewer than two such rounds, or fewer than two blocks a cell.
 */
export function pilotDeviations(cells: readonly CellTimes[]): Deviations | null {
  const logs = cells.map(({ subject, round, stepSeconds }) => ({
    subject,
    round,
    logSeconds: stepSeconds.map(Math.log),
  }));
  const subjects = [...new Set(logs.map(({ subject }) => subject))];
  const find = (subject: string, round: number) =>
    logs.find((cell) => cell.subject === subject && cell.round === round && cell.logSeconds.length > 1)
      ?.logSeconds;
  const rounds = [...new Set(logs.map(({ round }) => round))].flatMap((round) => {
    const row = subjects.map((subject) => find(subject, round));
    return row.every((blocks) => blocks !== undefined) ? [row] : [];
  });
  if (subjects.length === 0 || rounds.length < 2) return null;

  const blocks = rounds.flat();
  const withinVariance = mean(blocks.map((each) => sampleVariance(each)));
  const blocksPerCell = blocks.length / blocks.reduce((sum, each) => sum + 1 / each.length, 0);
  const residual = residualVariance(rounds.map((row) => row.map((each) => mean(each))));
  return {
    between: Math.sqrt(Math.max(0, residual - withinVariance / blocksPerCell)),
    within: Math.sqrt(withinVariance),
  };
}

/** Mean square of what neither row nor column explains; of a single column, the variance over its rows. */
function residualVariance(table: readonly (readonly number[])[]): number {
  const columns = table[0]!.length;
  if (columns === 1) return sampleVariance(table.map((row) => row[0]!));
  const grand = mean(table.flat());
  const rowMeans = table.map((row) => mean([...row]));
  const columnMeans = table[0]!.map((_, column) => mean(table.map((row) => row[column]!)));
  const squares = table.flatMap((row, r) =>
    row.map((value, c) => (value - rowMeans[r]! - columnMeans[c]! + grand) ** 2),
  );
  return squares.reduce((sum, square) => sum + square, 0) / ((table.length - 1) * (columns - 1));
}

/** Beyond what anybody waits for. */
const mostRounds = 2 ** 20;

/** K*: how many blocks to time in each process, within `bounds`. */
export function blocksPerProcess(
  { between, within }: Deviations,
  { processSeconds, blockSeconds }: CellCost,
  { least, most }: Bounds = blockBounds,
): number {
  if (within === 0) return least;
  const best = between === 0 ? Infinity : (within / between) * Math.sqrt(processSeconds / blockSeconds);
  return Math.min(most, Math.max(least, Math.round(best)));
}

/** Seconds that one round takes: each of its cells (the control too) once. */
export function roundSeconds(cells: readonly (CellCost & { readonly blocks: number })[]): number {
  return cells.reduce(
    (sum, { processSeconds, blockSeconds, blocks }) => sum + processSeconds + blocks * blockSeconds,
    0,
  );
}

/** How many whole rounds fit into a budget; at least 1, because an empty run says nothing. */
export function roundsForBudget(secondsPerRound: number, budgetSeconds: number): number {
  return Math.max(1, Math.floor(budgetSeconds / secondsPerRound));
}

/** Standard deviation of one round's log ratio of two subjects with `blocks` blocks a process each. */
export function ratioDeviation({ between, within }: Deviations, blocks: number): number {
  return Math.sqrt(2 * (between ** 2 + within ** 2 / blocks));
}

/**
 * How many rounds until the 95 % interval of a ratio is ± `precision` (0.02: two per cent) or narrower, if its log
 * scatters by `deviation` from round to round: the least R with t(0.975, R − 1) · s / √R ≤ ln(1 + precision).
 */
export function roundsForPrecision(deviation: number, precision: number): number {
  return roundsForHalfWidth(deviation, Math.log1p(precision));
}

/**
 * The least R of at least 2 with (t(0.975, R − 1) + t(power, R − 1)) · s / √R ≤ `halfWidth` (of a log ratio). With the
 * default power of one half it is the 95 % interval's own half-width; with 0.8 an effect of that size is found four times of five.
 * `Infinity` when the half-width is not above 0, or would take more than a million rounds.
 */
export function roundsForHalfWidth(deviation: number, halfWidth: number, power = 0.5): number {
  if (!(halfWidth > 0)) return Infinity;
  const isEnough = (rounds: number) =>
    ((studentTQuantile(0.975, rounds - 1) + studentTQuantile(power, rounds - 1)) * deviation) /
      Math.sqrt(rounds) <=
    halfWidth;
  let enough = 2;
  while (!isEnough(enough)) {
    if (enough >= mostRounds) return Infinity;
    enough *= 2;
  }
  let tooFew = enough / 2;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
