import type { Execution } from '../engine.ts';

/** The part of an event of ONNX Runtime's profile that is read here. */
interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string; readonly node_index?: string };
}

/** Providers by the nodes that they ran, and the operators of those that `wanted` did not run, from a profile of a step. */
export function readPlacement(profile: string, wanted: string): Pick<Execution, 'placement' | 'fellBack'> {
  const placement: Record<string, number> = {};
  const fellBack: Record<string, number> = {};
  const seen = new Set<string>();
  for (const { cat, name = '', args } of JSON.parse(profile) as ProfileEvent[]) {
    if (cat !== 'Node' || !args?.provider || !name.endsWith('_kernel_time') || seen.has(name)) continue;
    seen.add(name);
    placement[args.provider] = (placement[args.provider] ?? 0) + 1;
    if (args.provider === wanted) continue;
    const operator = args.op_name ?? 'unknown';
    fellBack[operator] = (fellBack[operator] ?? 0) + 1;
  }
  return { placement, fellBack };
}
