import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { finishedCells, type FinishedCell } from '../results/cells.ts';
import { appendRecord, dropUnfinishedLine, readRun } from '../results/run-file.ts';
import type { RunHeader, RunRecord, Subject } from '../results/schema.ts';
import { subjectKey } from '../results/setting.ts';
import { runChild } from './child.ts';
import { secondsSince } from './clock.ts';
import type { GateVerdict } from './gate.ts';
import { environmentNow } from './machine/environment.ts';
import { availableMemory } from './machine/memory.ts';
import { measureNoise } from './machine/noise.ts';
import { planRound, roundNumber, roundsOfShard, type Cell } from './plan.ts';
import { allocate, isPreciseEnough, mostRounds, type Allocation } from './spend.ts';
import { freezeWarmUp } from './warm-up.ts';

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly type: 'noise'; readonly noise: Extract<RunRecord, { type: 'noise' }> }
  | { readonly type: 'gate'; readonly subject: Subject; readonly verdict: GateVerdict }
  | { readonly type: 'allocation'; readonly allocation: Allocation }
  /** `ahead`: the cell itself and those after it, as far as they are planned; `done`: those before it. */
  | {
      readonly type: 'cell-start';
      readonly cell: Cell;
      readonly done: number;
      readonly ahead: readonly Cell[];
    }
  | { readonly type: 'cell-end'; readonly cell: Cell };

export interface RunOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run: the cell that is being measured is given up. */
  readonly signal?: AbortSignal;
}

/** Of the memory that is there, what a worker may take: the rest keeps the machine alive. */
const shareOfMemory = 0.9;

/** Tries of a check or a cell whose worker was killed from outside, and failures after which a subject is given up. */
const mostAttempts = 3;
const mostFailures = 2;

/** Before another try: what killed the last one may be about to do so again. Milliseconds. */
const killerPause = 500;

/**
 * Measures every cell of a run whose file has been started, each in a fresh process, one after the other, and goes on
 * where an earlier process stopped: finished cells are kept, a cell that was cut off runs again. A cell that fails or
 * dies is recorded with its reason. Throws `EcfxError` (failure) when nothing more can be written.
 */
export async function executeRun(
  runFile: string,
  header: RunHeader,
  options: RunOptions = {},
): Promise<'complete' | 'interrupted'> {
  return new Runner(runFile, header, options).run();
}

type EndReason = NonNullable<Extract<RunRecord, { type: 'run-end' }>['reason']>;

class Runner {
  readonly #runFile: string;
  readonly #header: RunHeader;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #signal: AbortSignal | undefined;
  /** Seconds that earlier processes of this run spent on the cells they finished. */
  readonly #spentBefore: number;
  #records: readonly RunRecord[] = [];
  #cells: readonly FinishedCell[] = [];

  constructor(runFile: string, header: RunHeader, { onEvent, signal }: RunOptions) {
    this.#runFile = runFile;
    this.#header = header;
    this.#onEvent = onEvent ?? (() => undefined);
    this.#signal = signal;
    this.#reread();
    this.#spentBefore = this.#cells.reduce((sum, { end }) => sum + (end.seconds ?? 0), 0);
  }

  async run(): Promise<'complete' | 'interrupted'> {
    this.#lookAtMachine();
    await this.#passGates();
    const reason = await this.#runRounds();
    if (this.#signal?.aborted) {
      this.#append({ type: 'run-end', status: 'interrupted' });
      return 'interrupted';
    }
    this.#append({ type: 'run-end', status: 'complete', reason });
    return 'complete';
  }

  #lookAtMachine(): void {
    this.#append({ type: 'environment', when: 'before', ...environmentNow() });
    // A run that goes on has its report already.
    if (this.#records.some((record) => record.type === 'noise')) return;
    const noise = { type: 'noise' as const, ...measureNoise(this.#header.protocol) };
    this.#append(noise);
    this.#onEvent({ type: 'noise', noise });
  }

  /** Compares each subject with the definitions, once a run, as many at a time as there are cores. */
  async #passGates(): Promise<void> {
    const known = new Set(this.#gates().map((gate) => gateKey(gate)));
    const open = new Map(
      this.#header.subjects
        .filter((subject) => !known.has(gateKey(subject)))
        .map((subject) => [gateKey(subject), subject] as const),
    );
    const waiting = [...open.values()];
    const passOne = async (): Promise<void> => {
      for (let subject = waiting.shift(); subject && !this.#signal?.aborted; subject = waiting.shift()) {
        const verdict = await this.#gateVerdict(subject);
        if (this.#signal?.aborted) return;
        this.#append({ type: 'gate', ...subject, ...verdict });
        this.#onEvent({ type: 'gate', subject, verdict });
      }
    };
    await Promise.all(Array.from({ length: os.availableParallelism() }, passOne));
    this.#reread();
  }

  async #gateVerdict(subject: Subject): Promise<GateVerdict> {
    const check = () => runChild({ kind: 'gate', subject, seed: this.#header.seed }, this.#childOptions());
    let end = await check();
    for (let attempt = 1; end.died && end.killed && attempt < mostAttempts; attempt++) {
      if (this.#signal?.aborted) break;
      await setTimeout(killerPause);
      end = await check();
    }
    if (!end.died && end.answer !== undefined) return end.answer as GateVerdict;
    const error = end.died ? end.why : 'the worker gave no answer';
    return { checked: subject.variant, passed: false, relativeError: null, tolerance: 0, error };
  }

  async #runRounds(): Promise<EndReason> {
    const { subjects, seed, shard } = this.#header;
    for (let index = 0; ; index++) {
      const reason = this.#reasonToEnd(index);
      if (reason !== undefined) return reason;
      const round = planRound(subjects, roundNumber(index, shard), seed);
      for (const [position, cell] of round.entries()) {
        if (this.#signal?.aborted) return 'rounds';
        if (this.#isDone(cell)) continue;
        const later = Array.from({ length: this.#plannedRounds() - index - 1 }, (_, offset) =>
          planRound(subjects, roundNumber(index + 1 + offset, shard), seed),
        ).flat();
        const ahead = [...round.slice(position), ...later];
        this.#onEvent({ type: 'cell-start', cell, done: index * round.length + position, ahead });
        await this.#runCell(cell, index === 0);
        this.#onEvent({ type: 'cell-end', cell });
      }
      this.#allocateAfter(index);
    }
  }

  /** Why no round follows the first `done` ones; undefined when one does. */
  #reasonToEnd(done: number): EndReason | undefined {
    const { precision, budgetSeconds } = this.#header.protocol;
    if (precision !== undefined && isPreciseEnough(this.#cells, precision)) return 'precision';
    const isSpent = (budget: number) => this.#spentSeconds() + this.#roundSeconds() > budget;
    if (budgetSeconds !== undefined && done > 0 && isSpent(budgetSeconds)) return 'budget';
    if (done < this.#plannedRounds()) return undefined;
    // What a pilot advises is an estimate: the run goes on until it has what was asked for.
    const goesOn = this.#allocation() !== undefined && (budgetSeconds !== undefined || done < mostRounds);
    return goesOn ? undefined : 'rounds';
  }

  #plannedRounds(): number {
    const { protocol, shard } = this.#header;
    return roundsOfShard(this.#allocation()?.rounds ?? protocol.rounds, shard);
  }

  /** Since this process started: what it did before the first cell counts too. */
  #spentSeconds(): number {
    return this.#spentBefore + secondsSince(0);
  }

  /** What a round is likely to take, by the cells so far. */
  #roundSeconds(): number {
    const { subjects, seed } = this.#header;
    const cells = this.#cells.length;
    const perCell = this.#cells.reduce((sum, { end }) => sum + (end.seconds ?? 0), 0) / Math.max(1, cells);
    return perCell * planRound(subjects, 1, seed).length;
  }

  /** At the end of the pilot, decides how the rest of a budget is spent. */
  #allocateAfter(index: number): void {
    const { protocol, subjects, shard } = this.#header;
    const isOpen = protocol.budgetSeconds !== undefined || protocol.precision !== undefined;
    if (!isOpen || this.#allocation() || index + 1 < roundsOfShard(protocol.rounds, shard)) return;
    const advice = allocate(subjects, this.#cells, protocol, this.#spentSeconds());
    if (!advice) return;
    const allocation = {
      type: 'allocation' as const,
      afterRound: roundNumber(index, shard),
      ...advice,
      rounds: advice.rounds * (shard?.count ?? 1),
    };
    this.#append(allocation);
    this.#reread();
    this.#onEvent({ type: 'allocation', allocation });
  }

  #allocation(): Allocation | undefined {
    return this.#records.findLast((record) => record.type === 'allocation');
  }

  #gates() {
    return this.#records.filter((record) => record.type === 'gate');
  }

  /** Whether a cell was measured already, or its subject has failed often enough. */
  #isDone({ round, position, subject }: Cell): boolean {
    if (this.#cells.some(({ start }) => start.round === round && start.position === position)) return true;
    const own = this.#cells.filter(({ start }) => subjectKey(start) === subjectKey(subject));
    const failures = own.filter(({ end }) => end.error !== undefined).length;
    const isBarred = this.#gates().some((gate) => !gate.passed && gateKey(gate) === gateKey(subject));
    return failures === own.length && failures >= (isBarred ? 1 : mostFailures);
  }

  async #runCell(cell: Cell, isPilot: boolean): Promise<void> {
    const barrier = this.#gates().find((gate) => !gate.passed && gateKey(gate) === gateKey(cell.subject));
    for (let attempt = this.#attemptsOf(cell) + 1; ; attempt++) {
      const key = attempt === 1 ? cell.key : `${cell.key}#${attempt}`;
      this.#append({
        type: 'cell',
        cell: key,
        round: cell.round,
        position: cell.position,
        ...cell.subject,
        ...(cell.control && { control: true as const }),
        ...(attempt > 1 && { attempt }),
        startedAt: new Date().toISOString(),
      });
      if (barrier) {
        const error = `not timed, because the numerical check failed: ${barrier.error ?? 'no reason given'}`;
        this.#append({ type: 'cell-end', cell: key, peakMemoryBytes: null, error });
        break;
      }
      const frozenSteps = isPilot ? undefined : this.#frozenSteps(cell.subject);
      const childOptions = this.#childOptions();
      const end = await runChild(
        {
          kind: 'cell',
          cell: {
            runFile: this.#runFile,
            cell: { ...cell, key },
            protocol: this.#protocolOf(cell.subject),
            seed: this.#header.seed,
            memoryLimitBytes: childOptions.memoryLimitBytes,
            ...(frozenSteps !== undefined && { frozenSteps }),
          },
        },
        childOptions,
      );
      if (this.#signal?.aborted) return;
      if (!end.died) break;
      dropUnfinishedLine(this.#runFile);
      this.#reread();
      if (this.#isDone(cell)) return;
      if (end.killed && attempt < mostAttempts) {
        await setTimeout(killerPause);
        continue;
      }
      this.#append({ type: 'cell-end', cell: key, peakMemoryBytes: null, error: end.why });
      break;
    }
    this.#reread();
  }

  #attemptsOf({ round, position }: Cell): number {
    return this.#records.filter(
      (record) => record.type === 'cell' && record.round === round && record.position === position,
    ).length;
  }

  /** The run's protocol, with as many blocks as the pilot advises for the subject. */
  #protocolOf(subject: Subject): RunHeader['protocol'] {
    const { protocol, subjects } = this.#header;
    const index = subjects.findIndex((each) => subjectKey(each) === subjectKey(subject));
    const blocksPerCell = this.#allocation()?.blocksPerCell[index] ?? protocol.blocksPerCell;
    return { ...protocol, blocksPerCell };
  }

  /** Found by the subject's cells in the run's first round. */
  #frozenSteps(subject: Subject): number | undefined {
    const pilots = this.#cells.flatMap(({ start, warmUp, end }) =>
      warmUp?.stepSeconds &&
      end.steadyState &&
      warmUp.frozenSteps === undefined &&
      subjectKey(start) === subjectKey(subject)
        ? [
            {
              warmUpBlock: warmUp.warmUpBlock ?? warmUp.stepsPerBlock,
              stepSeconds: warmUp.stepSeconds,
              steadyState: end.steadyState,
            },
          ]
        : [],
    );
    return pilots.length === 0 ? undefined : freezeWarmUp(pilots, this.#header.protocol);
  }

  #childOptions() {
    const own = this.#header.protocol.memoryLimitBytes ?? Infinity;
    return {
      signal: this.#signal,
      memoryLimitBytes: Math.min(own, shareOfMemory * availableMemory()),
    };
  }

  #append(record: RunRecord): void {
    appendRecord(this.#runFile, record);
  }

  #reread(): void {
    this.#records = readRun(this.#runFile).records;
    this.#cells = finishedCells(this.#records);
  }
}

/** Equal for subjects that one check is enough for: all batches of a variant compute the same. */
function gateKey(subject: Subject): string {
  return subjectKey({ ...subject, batch: 1 });
}
