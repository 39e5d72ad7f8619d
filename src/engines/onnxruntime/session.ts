import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { CompileOptions, Execution } from '../engine.ts';
import { emulationOf } from '../emulation.ts';
import type { OnnxRuntime } from './library.ts';
import type { LoweredModel } from './lower.ts';
import { readPlacement } from './placement.ts';
import { openProvider, providers, type ProviderName } from './provider.ts';

/** A session of one provider over a graph, and what is known of how it runs. */
export interface DeviceSession {
  readonly session: InferenceSession;
  readonly execution: Execution;
  /** To be called when a step has run: what ran its nodes is known then. */
  readonly settle: () => void;
}

interface SessionRequest {
  readonly graph: Graph;
  readonly model: LoweredModel;
  readonly options: CompileOptions;
  readonly overrides?: InferenceSession.SessionOptions;
}

/**
 * A session over the bytes of an ONNX model on a provider. What the provider cannot run falls back to the processor, as
 * ONNX Runtime does it; a profile of the first step says which nodes did. On the processor there is nothing to tell.
 * Throws `EcfxError` (unavailable) when the provider is not here.
 */
export async function createSession(
  ort: OnnxRuntime,
  name: ProviderName,
  bytes: Uint8Array,
  { graph, model, options: { threads }, overrides }: SessionRequest,
): Promise<DeviceSession> {
  await openProvider(name);
  const { config, options, title } = providers[name];
  const base: InferenceSession.SessionOptions = {
    ...measuredOptions(threads, graph),
    executionProviders: [config],
    ...options,
    ...overrides,
  };
  const emulation = emulationOf(graph, model.detours);
  if (name === 'cpu') {
    const session = await ort.InferenceSession.create(bytes, base);
    const placement = { [title]: model.nodes.length };
    const copied = [...model.copied].reduce((elements, { shape }) => elements + size(shape), 0);
    const layoutCopyBytes = copied * Float32Array.BYTES_PER_ELEMENT;
    return {
      session,
      execution: { threads, placement, ...emulation, layoutCopyBytes },
      settle: () => undefined,
    };
  }
  const folder = mkdtempSync(join(tmpdir(), 'ecfx-profile-'));
  const discard = () => rmSync(folder, { recursive: true, force: true });
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      ...base,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
  } catch (error) {
    discard();
    throw error;
  }
  const execution: { -readonly [Key in keyof Execution]: Execution[Key] } = {
    threads: null,
    placement: null,
    ...emulation,
  };
  let isSettled = false;
  return {
    session,
    execution,
    settle() {
      if (isSettled) return;
      isSettled = true;
      session.endProfiling();
      const [file] = readdirSync(folder);
      if (file !== undefined) {
        Object.assign(execution, readPlacement(readFileSync(join(folder, file), 'utf8'), title));
      }
      discard();
    },
  };
}

/**
 * Session options of every measurement: one operator at a time, on `threads` threads, errors only in the log.
 * Memory patterns allocate a whole step at once. Inference is 3 % faster with them; a training step would keep up to
 * twice what it needs, for no speed.
 */
function measuredOptions(threads: number, graph: Graph): InferenceSession.SessionOptions {
  const isTraining = graph.updates.size > 0;
  return {
    // A training step writes its blocked convolutions itself; the optimizer's own would add reorders around constants.
    graphOptimizationLevel: isTraining ? 'extended' : 'all',
    enableMemPattern: !isTraining,
    // Denormal velocities of parameters that hardly move would slow the update down.
    extra: { session: { set_denormal_as_zero: '1' } },
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  };
}
