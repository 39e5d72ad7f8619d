import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchResult } from '../../src/results/schema.ts';
import { isForThisPlatform } from '../support/chromium-package.ts';
import { ecfx, ecfxJson, temporaryFolder } from '../support/cli.ts';
import { noGpuEnvironment, softwareGpuEnvironment } from '../support/software-gpu.ts';

const tiny = ['b0@32:w0.1,d0.1'];
/** A limit for what hangs: software compiles shaders for each process anew, also on a busy machine. */
const timeout = 600_000;
const quick = ['--quick', '--rounds', '1', '--batch', '2', '--threads', '1'];

/** The process that measures on `device` into `folder`; undefined while there is none. Linux only. */
function workerOn(device: string, folder: string): number | undefined {
  const isWorker = (pid: string) => {
    try {
      const command = readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
      return (
        /bench.worker\.js/.test(command) &&
        command.includes(folder) &&
        command.includes(`"device":"${device}"`)
      );
    } catch {
      return false;
    }
  };
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isWorker(name));
  return found === undefined ? undefined : Number(found);
}

describe('ecfx bench --device', () => {
  it.runIf(isForThisPlatform)(
    'measures side by side, and labels software in row, table and page',
    { timeout },
    async () => {
      const folder = join(temporaryFolder(), 'run');
      const env = await softwareGpuEnvironment();
      const run = await ecfx(
        ['bench', ...tiny, ...quick, '--device', 'cpu,webgpu', '--output', folder, '--html'],
        { env },
      );
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toContain('webgpu (software)');
      expect(run.stderr).toContain('says nothing about a graphics card');
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('webgpu (software)');
      const { rows } = benchResult.parse(await ecfxJson(['report', folder]));
      expect(rows.map(({ device }) => device)).toEqual(['cpu', 'webgpu']);
      expect(rows.every(({ throughput }) => throughput !== undefined)).toBe(true);
      const [cpu, webgpu] = rows;
      expect(cpu).toMatchObject({
        hardware: { isSoftware: false },
        execution: { threads: 1 },
        emulation: null,
      });
      expect(webgpu).toMatchObject({ hardware: { isSoftware: true }, execution: { fellBack: {} } });
      expect(Object.keys(webgpu?.execution?.placement ?? {})).toEqual(['WebGpuExecutionProvider']);
    },
  );

  it.runIf(isForThisPlatform)('leaves software and what is not here out of all, and says so', async () => {
    const env = await softwareGpuEnvironment();
    const plan = await ecfx(['bench', ...tiny, '--plan', '--device', 'all'], { env });
    expect(plan.exitCode).toBe(0);
    expect(plan.stdout).not.toContain('webgpu');
    expect(plan.stderr).toMatch(/Skipped: onnxruntime on webgpu: .*runs only when named/);
    expect(plan.stderr).toMatch(/Skipped: onnxruntime on coreml/);
  });

  it.runIf(isForThisPlatform)('refuses 16-bit floats where the shaders have none', async () => {
    const env = await softwareGpuEnvironment();
    const args = ['bench', ...tiny, '--plan', '--device', 'webgpu', '--precision', 'fp16'];
    const run = await ecfx(args, { env });
    expect([run.exitCode, run.stderr]).toEqual([4, expect.stringContaining('not compute in fp16')]);
  });

  it.runIf(isForThisPlatform)(
    'records a device whose process crashes, goes on with the others, and shows what an engine emulates',
    { timeout },
    async () => {
      const folder = join(temporaryFolder(), 'run');
      const env = await softwareGpuEnvironment();
      const watch = setInterval(() => {
        if (!existsSync(folder)) return;
        const pid = workerOn('webgpu', folder);
        if (pid !== undefined) process.kill(pid, 'SIGSEGV');
      }, 20);
      const training = ['--mode', 'training', '--engine', 'tensorflow', '--device', 'webgpu,wasm'];
      const run = await ecfx(
        ['bench', 'b0@32:w0.1,d0.1,g4', ...quick, ...training, '--output', folder, '--html'],
        { env },
      );
      clearInterval(watch);
      expect(run.exitCode).toBe(0);
      const { rows, status } = benchResult.parse(await ecfxJson(['report', folder]));
      expect(status).toBe('complete');
      const crashed = rows.find(({ device }) => device === 'webgpu');
      expect(crashed?.throughput).toBeUndefined();
      expect(crashed?.error).toContain('SIGSEGV');

      // The gradient of grouped convolutions computes the padding too on this backend, and cuts it off.
      const emulated = rows.find(({ device }) => device === 'wasm');
      expect(emulated?.throughput).toBeDefined();
      expect(emulated?.execution?.emulated).toContain('conv2dInputGradient (grouped)');
      const { executedFlops = NaN, waste = NaN } = emulated?.emulation ?? {};
      expect(executedFlops).toBe((2 * (emulated?.execution?.executedMacs ?? NaN)) / (emulated?.batch ?? NaN));
      expect(waste).toBeGreaterThan(0);
      expect(waste).toBeCloseTo(1 - (emulated?.theory.flops ?? NaN) / executedFlops, 12);
      const shown = run.stdout.replaceAll(/\s+/g, ' ');
      expect(shown).toMatch(new RegExp(`wasm .* ${(100 * waste).toPrecision(3)} \\d`));
      expect(shown).toContain('Waste: the part of the executed FLOPs that the network does not ask for');
      const page = readFileSync(join(folder, 'report.html'), 'utf8');
      expect(page).toContain('conv2dInputGradient (grouped)');
      expect(page).toMatch(new RegExp(`<td[^>]*>${(100 * waste).toPrecision(3)}<`));
    },
  );

  it.each([
    [['--device', 'webgpu'], 4, 'Failed to get a WebGPU adapter'],
    [['--device', 'dml'], 4, 'onnxruntime on dml'],
    [['--device', 'cpu', '--precision', 'fp16'], 4, 'does not compute in fp16'],
    [['--device', 'wasm'], 2, 'onnxruntime has no device “wasm”'],
    [['--device', 'abacus'], 2, '--device'],
  ])('refuses %j before anything runs', async (args, exitCode, message) => {
    const folder = join(temporaryFolder(), 'run');
    const run = await ecfx(['bench', ...tiny, ...args, '--output', folder], { env: noGpuEnvironment });
    expect([run.exitCode, run.stderr.replaceAll(/\s*\n\s*›?\s*/g, ' ')]).toEqual([
      exitCode,
      expect.stringContaining(message),
    ]);
    expect(existsSync(folder)).toBe(false);
  });
});
