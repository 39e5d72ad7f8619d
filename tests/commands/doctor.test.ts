import { describe, expect, it } from 'vitest';
import type { DoctorResult } from '../../src/bench/doctor.ts';
import { failureOf, probeDevice } from '../../src/bench/devices/probe.ts';
import { isForThisPlatform } from '../support/chromium-package.ts';
import { ecfx, ecfxJson } from '../support/cli.ts';
import { noGpuEnvironment, softwareGpuEnvironment } from '../support/software-gpu.ts';

/** A limit for what hangs: software compiles shaders for each process anew, also on a busy machine. */
const timeout = 600_000;

const find = ({ devices }: DoctorResult, engine: string, device: string) =>
  devices.find((each) => each.engine === engine && each.device === device)!;

describe('ecfx doctor', () => {
  it('tries every stage of what is here, and labels software', { timeout }, async () => {
    const env = await softwareGpuEnvironment();
    const result = (await ecfxJson(['doctor'], { env })) as DoctorResult;
    expect(result.schema).toBe('ecfx.doctor/1');
    expect(result.noise.spin.samples.length).toBeGreaterThan(10);
    expect(result.machine.logicalCores).toBeGreaterThan(0);
    const everything = { installed: true, loads: true, forward: true, grouped: true, training: true };
    const cpu = find(result, 'onnxruntime', 'cpu');
    expect(cpu).toMatchObject({ usable: true, passed: everything, failure: null });
    expect(cpu.relativeError).toBeLessThan(1e-4);
    expect(cpu.versions).toHaveProperty('onnxruntime-node');
    if (!isForThisPlatform) return;
    const webgpu = find(result, 'onnxruntime', 'webgpu');
    expect(webgpu).toMatchObject({ usable: true, passed: everything, failure: null });
    expect(webgpu.hardware).toMatchObject({ isSoftware: true });
    expect(webgpu.hardware?.name).toMatch(/swiftshader/i);
    for (const device of ['coreml', 'dml']) {
      const absent = find(result, 'onnxruntime', device);
      expect(absent).toMatchObject({ usable: false, passed: { loads: false, forward: null } });
      expect(absent.failure?.remedies).not.toEqual([]);
    }
  });

  it('says why a device is not usable and what helps, in eighty columns', async () => {
    const run = await ecfx(['doctor'], { env: noGpuEnvironment });
    expect(run.exitCode).toBe(0);
    const lines = run.stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(run.stdout).toMatch(/onnxruntime +cpu +yes +yes +yes +yes +yes/);
    if (!isForThisPlatform) return;
    expect(run.stdout).toMatch(/onnxruntime +webgpu +yes +no/);
    expect(run.stdout).toMatch(/It is (not )?fit to measure on now\./);
    const text = run.stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('Install a Vulkan loader and the driver of the graphics card');
  });

  it('ends a device that hangs, and says so', async () => {
    const probe = await probeDevice({ engine: 'onnxruntime', device: 'cpu', last: 'training' }, 0.02);
    expect(failureOf(probe)).toMatchObject({ stage: 'installed', reason: 'it was not done after 0.02 s' });
  });
});
