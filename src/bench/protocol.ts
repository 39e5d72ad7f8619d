import type { Protocol, Subject } from '../results/schema.ts';
import { planRound } from './plan.ts';
import { blockBounds } from './statistics/spending.ts';
import { fewestRounds } from './statistics/verdict.ts';

/** How long and how often is measured when nothing else is said. */
export const standardProtocol: Protocol = {
  rounds: 6,
  warmUpSeconds: 2,
  minimumWarmUpSteps: 3,
  maximumWarmUpSeconds: 15,
  steadyBlocks: 20,
  minimumBlockSeconds: 0.05,
  blocksPerCell: 10,
  latencySteps: 30,
  smallestEffect: 0.01,
};

/** A first look in a minute or two: fewer and shorter cells, so wide intervals. */
export const quickProtocol: Protocol = {
  ...standardProtocol,
  rounds: 3,
  warmUpSeconds: 0.5,
  minimumWarmUpSteps: 2,
  maximumWarmUpSeconds: 2,
  steadyBlocks: 8,
  blocksPerCell: 5,
  latencySteps: 5,
};

/** Rounds that a budget is cut for: the fewest that get a verdict, and two in case cells take longer than their share. */
const roundsOfBudget = fewestRounds + 2;

/** Of the time that a cell may take, what its warm-up may: processes and blocks need the rest. */
const warmUpShare = 0.3;

/**
 * The protocol with cells short enough that a budget has rounds for a verdict: eight rounds with short warm-ups say more
 * than two with long ones. What the pilot then finds decides how many blocks a cell has. Without a budget, as it is.
 */
export function withinBudget(protocol: Protocol, subjects: readonly Subject[]): Protocol {
  const { budgetSeconds, warmUpSeconds, maximumWarmUpSeconds, blocksPerCell } = protocol;
  if (budgetSeconds === undefined) return protocol;
  const cells = roundsOfBudget * planRound(subjects, 1, 0).length;
  const longest = (warmUpShare * budgetSeconds) / cells;
  return {
    ...protocol,
    warmUpSeconds: Math.min(warmUpSeconds, longest),
    maximumWarmUpSeconds: Math.min(maximumWarmUpSeconds ?? warmUpSeconds, longest),
    blocksPerCell: Math.min(blocksPerCell, blockBounds.least),
  };
}
