import { defineConfig } from 'vitest/config';
import { softwareGpuEnvironment } from './tests/support/software-gpu.ts';

const programTests = ['tests/commands/**/*.test.ts', 'tests/package/**/*.test.ts'];
const pageTests = ['tests/reports/page*.test.ts'];
const gpuTests = ['tests/**/*.gpu.test.ts'];

export default defineConfig({
  test: {
    // oclif prints through the console; intercepted, its output would not reach the tests that capture it.
    disableConsoleIntercept: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...programTests, ...pageTests, ...gpuTests],
          // A limit for what hangs, not for what is slow: the reference kernels are, on a busy machine.
          testTimeout: 120_000,
        },
      },
      // Whole processes and browsers: one file at a time, or they slow each other down until they time out.
      {
        extends: true,
        test: {
          name: 'cli',
          include: programTests,
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
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'report',
          include: pageTests,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
