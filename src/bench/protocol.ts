import type { Protocol } from '../results/schema.ts';

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
