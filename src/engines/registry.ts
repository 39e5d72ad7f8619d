import type { Engine, EngineName } from './engine.ts';
import { onnxruntime } from './onnxruntime/engine.ts';

/** Every engine there is. */
export const engines: Readonly<Record<EngineName, Engine>> = { onnxruntime };
