import type { Tensor } from '../../../graph/graph.ts';
import type { Emitter } from '../emitter.ts';

/** next = decay · running + (1 − decay) · now. */
export function moveAverage(emit: Emitter, next: Tensor, running: Tensor, now: string, decay: number): void {
  emit.result(next, 'Add', mix(emit, running.name, now, decay, next.name.slice(-2)));
}

/** The two terms of decay · old + (1 − decay) · now. */
export function mix(emit: Emitter, old: string, now: string, decay: number, label = ''): [string, string] {
  const kept = emit.intermediate(`kept${label}`, 'Mul', [old, emit.floats(`decay${label}`, [], decay)]);
  const added = emit.intermediate(`added${label}`, 'Mul', [now, emit.floats(`rest${label}`, [], 1 - decay)]);
  return [kept, added];
}
