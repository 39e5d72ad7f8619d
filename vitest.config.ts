import { defineConfig } from 'vitest/config';
import { softwareGpuEnvironment } from './tests/support/software-gpu.ts';

const commandTests = ['tests/commands/**/*.test.ts'];
const packageTests = ['tests/package/**/*.test.ts'];
const pageTests = ['tests/reports/page*.test.ts'];
const gpuTests = ['tests/**/*.gpu.test.ts'];

export default defineConfig({
  test: {
    // oclif prints through the console; intercepted, its output would not reach the tests that capture it.
    disableConsoleIntercept: true,
    // Vitest leaves one core idle by default, which on two is half of them.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...commandTests, ...packageTests, ...pageTests, ...gpuTests],
          // A limit for what hangs, not for what is slow: the reference kernels are, on a busy machine.
          testTimeout: 120_000,
        },
      },
      // Whole processes. None asserts how long something takes.
      {
        extends: true,
        test: {
          name: 'cli',
          include: commandTests,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      // Packing builds the program that the others run: nothing else meanwhile.
      {
        extends: true,
        test: {
          name: 'package',
          include: packageTests,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // Processes that were started with the software GPU in their environment, as the dynamic loader wants it.
      {
        extends: true,
        test: {
          name: 'gpu',
          include: gpuTests,
          pool: 'forks',
          env: await softwareGpuEnvironment(),
          // The software GPU takes all cores as it is.
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'report',
          include: pageTests,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
