import { median } from 'simple-statistics';
import type { BenchResult, BenchRow, Estimate } from '../../src/results/schema.ts';
import { relativeSpeed, relativeTime } from '../relative-speed.ts';
import { describeSetting, groupBySetting, rowNames, type SettingGroup } from '../setting.ts';
import { variantLabel } from '../variant-label.ts';
import { formatInterval, inUnit, significant, unknown } from './format.ts';
import type { Cell, Column, Row, Table } from './table.ts';
import { verdictNotes } from './verdict-notes.ts';

/** A column together with how it is filled: the two cannot get out of step. */
interface BenchColumn extends Column {
  readonly cell: (row: BenchRow, group: SettingGroup) => Cell;
}

const settingKeys = ['machine', 'mode', 'engine', 'device', 'precision', 'batch', 'threads'] as const;

/** Shown to people only where some operator is made of others. */
const emulationKeys: ReadonlySet<string> = new Set(['executed_flops', 'wasted_flops_percent']);

const unmeasured: Cell = { text: unknown, value: null };

const columns: readonly BenchColumn[] = [
  {
    header: 'variant',
    key: 'variant',
    align: 'left',
    cell: ({ variant }) => ({ text: variantLabel(variant), value: variant }),
  },
  ...settingKeys.map((key) => plainValue(key)),
  {
    header: 'counted',
    unit: 'GMAC',
    key: 'macs',
    align: 'right',
    cell: ({ theory }) => ({ text: inUnit(theory.macs, 1e9), value: theory.macs }),
  },
  {
    header: 'params',
    unit: 'M',
    isRoomy: true,
    key: 'parameters',
    align: 'right',
    cell: ({ theory }) => ({ text: inUnit(theory.parameters, 1e6), value: theory.parameters }),
  },
  {
    header: 'speed',
    unit: 'img/s',
    key: 'images_per_second',
    align: 'right',
    cell: ({ throughput }) => intervalCell(throughput),
  },
  ...intervalEnds('images_per_second', ({ throughput }) => throughput),
  {
    header: 'step',
    unit: 'ms',
    isRoomy: true,
    key: 'step_seconds',
    align: 'right',
    cell: ({ stepSeconds }) =>
      stepSeconds === undefined
        ? unmeasured
        : { text: inUnit(stepSeconds.estimate, 1e-3), value: stepSeconds.estimate },
  },
  ...intervalEnds('step_seconds', ({ stepSeconds }) => stepSeconds),
  {
    header: 'time',
    unit: '× of 1st',
    key: 'relative_time',
    align: 'right',
    cell: (row, group) => {
      const time = timeAgainstReference(row, group);
      return time === undefined ? unmeasured : { text: formatInterval(time), value: time.estimate };
    },
  },
  ...intervalEnds('relative_time', timeAgainstReference),
  {
    header: 'verdict',
    key: 'verdict',
    align: 'left',
    cell: (row, { reference }) =>
      row === reference
        ? { text: 'reference', value: 'reference' }
        : { text: row.speedUp?.verdict ?? unknown, value: row.speedUp?.verdict ?? null },
  },
  speedUpValue('speed_up', ({ estimate }) => estimate),
  speedUpValue('speed_up_low', ({ low }) => low),
  speedUpValue('speed_up_high', ({ high }) => high),
  speedUpValue('interval_method', ({ method }) => method),
  speedUpValue('p', ({ p }) => p),
  speedUpValue('p_holm', ({ pHolm }) => pHolm),
  speedUpValue('unequal_batch', ({ unequalBatch }) => (unequalBatch === true ? 'UNEQUAL BATCH' : null)),
  {
    header: 'achieved',
    unit: 'GFLOP/s',
    isRoomy: true,
    key: 'achieved_flops_per_second',
    align: 'right',
    cell: ({ achievedFlops }) =>
      achievedFlops === undefined
        ? unmeasured
        : { text: inUnit(achievedFlops.estimate, 1e9), value: achievedFlops.estimate },
  },
  {
    header: 'executed',
    unit: 'GFLOP',
    isRoomy: true,
    key: 'executed_flops',
    align: 'right',
    only: 'values',
    cell: ({ emulation }) => ({
      text: emulation ? inUnit(emulation.executedFlops, 1e9) : unknown,
      value: emulation?.executedFlops ?? null,
    }),
  },
  {
    header: 'waste',
    unit: '%',
    key: 'wasted_flops_percent',
    align: 'right',
    only: 'values',
    cell: ({ emulation }) => ({
      text: emulation ? inUnit(emulation.waste, 0.01) : unknown,
      value: emulation ? 100 * emulation.waste : null,
    }),
  },
  {
    header: 'energy',
    unit: 'img/J',
    key: 'images_per_joule',
    align: 'right',
    only: 'values',
    cell: (row) => {
      const value = imagesPerJoule(row);
      return { text: inUnit(value, 1), value };
    },
  },
  {
    header: 'peak',
    unit: 'MB',
    key: 'peak_memory_bytes',
    align: 'right',
    cell: ({ peakMemoryBytes }) => ({ text: inUnit(peakMemoryBytes, 1e6), value: peakMemoryBytes }),
  },
  {
    header: 'predicted peak',
    unit: 'MB',
    key: 'predicted_memory_bytes',
    align: 'right',
    only: 'values',
    cell: ({ predictedMemory }) => valueOnly(predictedMemory?.total ?? null),
  },
  {
    header: 'forward',
    unit: 's',
    key: 'forward_seconds',
    align: 'right',
    only: 'values',
    cell: ({ split }) => valueOnly(split?.forward ?? null),
  },
  {
    header: 'forward and backward',
    unit: 's',
    key: 'forward_backward_seconds',
    align: 'right',
    only: 'values',
    cell: ({ split }) => valueOnly(split?.backward ?? null),
  },
  {
    header: 'top-1 accuracy',
    unit: '%',
    key: 'top1_percent',
    align: 'right',
    only: 'values',
    cell: ({ accuracy }) => valueOnly(accuracy?.top1 ?? null),
  },
  {
    header: 'accuracy origin',
    key: 'top1_origin',
    align: 'left',
    only: 'values',
    cell: ({ accuracy }) => valueOnly(accuracy?.origin ?? null),
  },
  {
    header: 'rounds',
    key: 'rounds',
    align: 'right',
    only: 'values',
    cell: ({ rounds }) => valueOnly(rounds),
  },
  {
    header: 'error',
    key: 'error',
    align: 'left',
    only: 'values',
    cell: ({ error }) => valueOnly(error ?? null),
  },
];

/** One row per row of the result, in its order; a row that failed says why. */
export function benchTable(result: BenchResult): Table {
  const groups = groupBySetting(result.rows);
  const nameOf = rowNames(result.rows);
  const groupOf = new Map(groups.flatMap((group) => group.rows.map((row) => [row, group] as const)));
  const [first] = groups;
  const setting = groups.length === 1 && first !== undefined ? ` (${describeSetting(first.setting)})` : '';
  // What every row shares is said once, in the caption; what differs is a column for people too.
  const differs = (key: string): boolean =>
    settingKeys.some((each) => each === key && new Set(result.rows.map((row) => row[each])).size > 1) ||
    (emulationKeys.has(key) && result.rows.some(({ emulation }) => emulation)) ||
    (key === 'images_per_joule' && result.rows.some((row) => imagesPerJoule(row) !== null));
  return {
    caption: `Theory and practice per variant${setting}`,
    columns: columns.map(({ header, unit, key, align, only, isRoomy }) => ({
      header,
      key,
      align,
      ...(isRoomy === undefined ? {} : { isRoomy }),
      ...(unit === undefined ? {} : { unit }),
      ...(only === undefined || differs(key) ? {} : { only }),
    })),
    rows: result.rows.map((row) => {
      const group = groupOf.get(row)!;
      const cells = columns.map(({ cell }) => cell(row, group));
      const note = rowNote(row);
      return note === undefined ? { cells } : ({ cells, note } satisfies Row);
    }),
    notes: [
      'Counted per image (of training, the whole step): 1 MAC = 2 FLOPs; convolutions and dense layers. All else is ' +
        'measured.',
      intervalNote(result),
      ...emulationNotes(result),
      ...energyNotes(result),
      ...verdictNotes(result),
      ...result.rows.flatMap((row) => trainingNotes(row, nameOf(row))),
    ],
  };
}

/** Median over rounds; null where no sensor knows the energy. */
function imagesPerJoule({ telemetry = [] }: BenchRow): number | null {
  const known = telemetry.flatMap((each) => each.imagesPerJoule ?? []);
  return known.length === 0 ? null : median(known);
}

/** How the energy was read, for rows that have one. */
function energyNotes({ rows }: BenchResult): string[] {
  const known = rows.flatMap(({ telemetry = [] }) => telemetry.map(({ energy }) => energy));
  const sources = [
    ...(known.some(({ processorJoules }) => processorJoules !== null)
      ? ['processor packages and memory from counters (RAPL)']
      : []),
    ...(known.some(({ gpuJoules }) => gpuJoules !== null)
      ? ['graphics cards from ten power samples a second (nvidia-smi)']
      : []),
  ];
  return sources.length === 0 ? [] : [`Energy: ${sources.join('; ')}. Idle power is in it.`];
}

/** What is executed where an engine has no kernel for an operator, or a slower one than for another form of it. */
function emulationNotes({ rows }: BenchResult): string[] {
  const emulated = new Set(
    rows.flatMap(({ emulation, execution }) => (emulation ? (execution?.emulated ?? []) : [])),
  );
  if (emulated.size === 0) return [];
  return [
    `Waste: the part of the executed FLOPs that the network does not ask for, where the engine has no kernel of its own ` +
      `for ${[...emulated].join(', ')}, or a slower one, and computes it in another form (products with inserted zeros, ` +
      `gradients of padding).`,
  ];
}

function rowNote({ error, speedUp, batch }: BenchRow): string | undefined {
  if (error !== undefined) return `failed: ${error}`;
  return speedUp?.unequalBatch === true
    ? `UNEQUAL BATCH: ${String(batch)} images a step, compared by time per image with ${variantLabel(speedUp.reference)}`
    : undefined;
}

/** Of a training row: the parts of its time, where they were told apart, and of its memory. */
function trainingNotes(row: BenchRow, name: string): string[] {
  if (row.mode !== 'training') return [];
  const { split, stepSeconds, predictedMemory: memory, peakMemoryBytes, loss } = row;
  const notes: string[] = [];
  if (loss) notes.push(`${name}: ${lossText(loss)}.`);
  if (split && stepSeconds) {
    const { forward, backward } = split;
    const parts = { forward, backward: backward - forward, update: stepSeconds.estimate - backward };
    const texts = Object.entries(parts).map(([part, seconds]) => `${part} ${inUnit(seconds, 1e-3)}`);
    notes.push(
      `${name}: of a step, ${texts.join(', ')} ms (from steps cut short, in sessions of their own).`,
    );
  }
  if (memory) {
    const parts = {
      activations: memory.activations,
      weights: memory.parameters + memory.buffers,
      optimizer: memory.optimizerState,
      gradients: memory.gradients,
      inputs: memory.inputs,
      'next state': memory.stateCopies,
      'copies in other layouts': memory.layoutCopies ?? 0,
      'process and session': memory.process,
    };
    const texts = Object.entries(parts).map(([part, bytes]) => `${part} ${inUnit(bytes, 1e6)}`);
    notes.push(
      `${name}: predicted peak ${inUnit(memory.total, 1e6)} MB (${texts.join(', ')}), measured ` +
        `${inUnit(peakMemoryBytes, 1e6)} MB.`,
    );
  }
  return notes;
}

function lossText({ first, last, fell }: NonNullable<BenchRow['loss']>): string {
  const [from, to] = [first, last].map((value) =>
    value < 1e6 ? significant(value) : value.toExponential(1),
  );
  return fell === false
    ? `the loss did not fall (${from} at first, ${to} at last): its steps do the same work, but they train nothing`
    : `the loss went from ${from} to ${to}`;
}

function intervalNote(result: BenchResult): string {
  return result.rows.some(({ throughput }) => throughput !== undefined && throughput.low !== null)
    ? '± or [low, high]: the 95 % interval over rounds.'
    : 'No intervals: they need more than one round.';
}

function speedUpValue(
  key: string,
  read: (speedUp: NonNullable<BenchRow['speedUp']>) => string | number | null,
): BenchColumn {
  return {
    header: key.replaceAll('_', ' '),
    key,
    align: 'right',
    only: 'values',
    cell: ({ speedUp }) => valueOnly(speedUp === undefined ? null : read(speedUp)),
  };
}

function plainValue(key: (typeof settingKeys)[number]): BenchColumn {
  return {
    header: key,
    key,
    align: key === 'batch' || key === 'threads' ? 'right' : 'left',
    only: 'values',
    cell: (row) => {
      const label = key === 'device' && row.hardware?.isSoftware ? ' (software)' : '';
      return { text: `${row[key] ?? unknown}${label}`, value: row[key] ?? null };
    },
  };
}

function intervalCell(estimate: Estimate | undefined): Cell {
  return estimate === undefined ? unmeasured : { text: formatInterval(estimate), value: estimate.estimate };
}

function intervalEnds(
  key: string,
  quantity: (row: BenchRow, group: SettingGroup) => Estimate | undefined,
): BenchColumn[] {
  return (['low', 'high'] as const).map((end) => ({
    header: `${key} ${end}`,
    key: `${key}_${end}`,
    align: 'right',
    only: 'values',
    cell: (row, group) => valueOnly(quantity(row, group)?.[end] ?? null),
  }));
}

function timeAgainstReference(row: BenchRow, { reference }: SettingGroup): Estimate | undefined {
  const speed = reference === null ? null : relativeSpeed(row, reference);
  return speed === null ? undefined : relativeTime(speed);
}

function valueOnly(value: string | number | null): Cell {
  return { text: value === null ? unknown : String(value), value };
}
