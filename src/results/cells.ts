import type { RunRecord } from './schema.ts';

type RecordOf<Type extends RunRecord['type']> = Extract<RunRecord, { type: Type }>;

/** Everything that was recorded of one finished cell. */
export interface FinishedCell {
  readonly start: RecordOf<'cell'>;
  readonly end: RecordOf<'cell-end'>;
  readonly warmUp: RecordOf<'warm-up'> | undefined;
  readonly latency: RecordOf<'latency'> | undefined;
  /** While it was timed. */
  readonly environment: RecordOf<'environment'> | undefined;
  /** In order. */
  readonly blocks: readonly RecordOf<'block'>[];
}

/**
 * The cells of a run that count, in the order in which they ran. A cell without an end was cut off and does not count;
 * of several tries at one place of a round the first that ended does, so no block counts twice.
 */
export function finishedCells(records: readonly RunRecord[]): FinishedCell[] {
  const own = new Map<string, RunRecord[]>();
  for (const record of records) {
    if (!('cell' in record) || record.cell === undefined) continue;
    const known = own.get(record.cell);
    if (known) known.push(record);
    else own.set(record.cell, [record]);
  }
  const places = new Set<string>();
  const finished: FinishedCell[] = [];
  for (const group of own.values()) {
    const start = group.find((record) => record.type === 'cell');
    const end = group.find((record) => record.type === 'cell-end');
    if (!start || !end) continue;
    const place = `${start.round}.${start.position}`;
    if (places.has(place)) continue;
    places.add(place);
    finished.push({
      start,
      end,
      warmUp: group.find((record) => record.type === 'warm-up'),
      latency: group.find((record) => record.type === 'latency'),
      environment: group.find((record) => record.type === 'environment'),
      blocks: group.filter((record) => record.type === 'block'),
    });
  }
  return finished;
}
