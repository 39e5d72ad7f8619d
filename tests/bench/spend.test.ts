import { describe, expect, it } from 'vitest';
import { allocate, isPreciseEnough, mostRounds } from '../../src/bench/spend.ts';
import { standardProtocol } from '../../src/bench/protocol.ts';
import { createRandom } from '../../src/mathematics/random.ts';
import type { FinishedCell } from '../../src/results/cells.ts';
import type { Subject } from '../../src/results/schema.ts';

function subject(variant: string): Subject {
  const setting = { mode: 'inference', engine: 'onnxruntime', device: 'cpu', precision: 'fp32' } as const;
  return { variant, ...setting, batch: 1, threads: 1 };
}

const subjects = [subject('efficientnet-b0'), subject('efficientnet-b0:g4')];

interface Scatter {
  readonly rounds: number;
  /** Standard deviations of log step times between processes, and between the blocks of one. */
  readonly between: number;
  readonly within: number;
  readonly blocks?: number;
  /** Seconds of a process besides its blocks, which take 50 ms each. */
  readonly processSeconds?: number;
}

/** SYNTHETIC cells: both subjects and the control in every round. */
function cellsWith({ rounds, between, within, blocks = 5, processSeconds = 2 }: Scatter): FinishedCell[] {
  const random = createRandom(3, 'spend');
  const members = [{ ...subjects[0]! }, { ...subjects[1]! }, { ...subjects[0]!, control: true as const }];
  return Array.from({ length: rounds }, (_, round) =>
    members.map((member, position): FinishedCell => {
      const cell = `${round + 1}.${position + 1}`;
      const own = between * random.normal();
      return {
        start: {
          ...{ type: 'cell', cell, round: round + 1, position: position + 1, ...member },
          startedAt: '2026-01-01T00:00:00Z',
        },
        ...{ warmUp: undefined, latency: undefined, environment: undefined },
        blocks: Array.from({ length: blocks }, (_block, index) => ({
          ...{ type: 'block' as const, cell, index, steps: 10, start: index },
          seconds: 0.05 * Math.exp(own + within * random.normal()),
        })),
        end: { type: 'cell-end', cell, peakMemoryBytes: null, seconds: processSeconds + 0.05 * blocks },
      };
    }),
  ).flat();
}

describe('allocate', () => {
  const protocol = (extra: object) => ({ ...standardProtocol, blocksPerCell: 5, ...extra });

  it('fills what is left of a budget with whole rounds', () => {
    const cells = cellsWith({ rounds: 3, between: 0.02, within: 0.001 });
    // Three cells a round, 2.25 s each: of 93.25 s eight more rounds take 54, and nine 60.75.
    const found = allocate(subjects, cells, protocol({ budgetSeconds: 93.25 }), 33);
    expect(found).toEqual({ rounds: 11, blocksPerCell: [5, 5] });
  });

  it('gives up blocks before rounds that a verdict needs', () => {
    const cells = cellsWith({ rounds: 3, between: 0, within: 0.05 });
    // A round of thirty blocks a cell takes 10.5 s, of five 6.75: of 60.25 s, with 40 spent, two or three are left.
    const advice = (budgetSeconds: number) => allocate(subjects, cells, protocol({ budgetSeconds }), 40)!;
    expect(advice(60.25)).toEqual({ rounds: 6, blocksPerCell: [5, 5] });
    expect(advice(80)).toEqual({ rounds: 6, blocksPerCell: [30, 30] });
  });

  it('asks for no fewer rounds than were run, when the budget is spent', () => {
    const cells = cellsWith({ rounds: 3, between: 0.02, within: 0.001 });
    expect(allocate(subjects, cells, protocol({ budgetSeconds: 10 }), 33)?.rounds).toBe(3);
  });

  it('spends time on blocks where they scatter more than processes do, and a process is dear', () => {
    const blocks = (scatter: Partial<Scatter>) =>
      allocate(
        subjects,
        cellsWith({ rounds: 6, between: 0.01, within: 0.01, ...scatter }),
        protocol({ precision: 0.02 }),
        60,
      )!.blocksPerCell[0]!;
    expect(blocks({ within: 0.0001 })).toBe(5);
    expect(blocks({ between: 0, within: 0.05 })).toBe(30);
    expect(blocks({ within: 0.02, processSeconds: 20 })).toBeGreaterThan(
      blocks({ within: 0.02, processSeconds: 1 }),
    );
  });

  it('asks for more rounds the narrower the intervals have to be, to the limit without a budget', () => {
    const cells = cellsWith({ rounds: 3, between: 0.05, within: 0.01 });
    const rounds = (precision: number) => allocate(subjects, cells, protocol({ precision }), 30)!.rounds;
    expect(rounds(0.2)).toBeLessThan(rounds(0.05));
    expect(rounds(0.0001)).toBe(mostRounds);
  });

  it('has nothing to say of a pilot of one round, or of one in which nothing was timed', () => {
    const single = cellsWith({ rounds: 1, between: 0.02, within: 0.01 });
    expect(allocate(subjects, single, protocol({ budgetSeconds: 100 }), 10)).toBeNull();
    const failed = cellsWith({ rounds: 3, between: 0.02, within: 0.01 }).map((cell) => ({
      ...cell,
      end: { ...cell.end, error: 'out of memory' },
    }));
    expect(allocate(subjects, failed, protocol({ budgetSeconds: 100 }), 10)).toBeNull();
  });
});

describe('isPreciseEnough', () => {
  it('is so once every ratio’s interval is narrow, and not before the fourth round', () => {
    const quiet = { between: 0.001, within: 0.001 };
    expect(isPreciseEnough(cellsWith({ rounds: 3, ...quiet }), 0.05)).toBe(false);
    expect(isPreciseEnough(cellsWith({ rounds: 4, ...quiet }), 0.05)).toBe(true);
    expect(isPreciseEnough(cellsWith({ rounds: 4, between: 0.1, within: 0.001 }), 0.05)).toBe(false);
    expect(isPreciseEnough([], 0.5)).toBe(false);
  });

  it('looks at the control too', () => {
    const cells = cellsWith({ rounds: 6, between: 0.001, within: 0.001 });
    const disturbed = cells.map((cell) =>
      cell.start.control && cell.start.round % 2 === 0
        ? { ...cell, blocks: cell.blocks.map((block) => ({ ...block, seconds: 2 * block.seconds })) }
        : cell,
    );
    expect(isPreciseEnough(cells, 0.05)).toBe(true);
    expect(isPreciseEnough(disturbed, 0.05)).toBe(false);
  });
});
