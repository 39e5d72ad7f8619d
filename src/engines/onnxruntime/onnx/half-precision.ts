import { Emitter, int } from '../emitter.ts';
import { dataType, type OnnxInitializer, type OnnxModel, type OnnxNode } from './model.ts';

/**
 * The model with 16-bit floats inside: weights are rounded, what goes in is cast first and what comes out last, so that
 * its inputs and outputs are 32-bit as before.
 */
export function inHalfPrecision(model: OnnxModel): OnnxModel {
  const emit = new Emitter('half');
  const outputs = new Set(model.outputs.map(({ name }) => name));
  const half = (name: string) => `${name}/half`;
  const cast = new Set(model.inputs.map(({ name }) => name));
  for (const { name, shape } of model.inputs) {
    emit.result({ kind: 'computed', name: half(name), shape }, 'Cast', [name], { to: int(dataType.float16) });
  }
  const before = emit.nodes.length;
  for (const output of model.outputs) {
    emit.result({ kind: 'computed', ...output }, 'Cast', [half(output.name)], { to: int(dataType.float) });
  }
  const rename = (name: string) => (outputs.has(name) || cast.has(name) ? half(name) : name);
  const nodes = model.nodes.map((node) => ({
    ...node,
    // A node is called like its result.
    name: rename(node.name),
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    ...(isCastToFloat(node) && { attributes: { to: int(dataType.float16) } }),
  }));
  return {
    ...model,
    nodes: [...emit.nodes.slice(0, before), ...nodes, ...emit.nodes.slice(before)],
    initializers: model.initializers.map(rounded),
  };
}

function isCastToFloat({ operator, attributes }: OnnxNode): boolean {
  const to = attributes?.['to'];
  return operator === 'Cast' && to?.kind === 'int' && to.value === dataType.float;
}

function rounded(initializer: OnnxInitializer): OnnxInitializer {
  if (initializer.type !== 'float') return initializer;
  const { name, shape, values } = initializer;
  return { name, shape, type: 'float16', values: Uint16Array.from(values, toHalf) };
}

const view = new DataView(new ArrayBuffer(4));

/** The bits of the nearest 16-bit float (IEEE 754 binary16), ties to even; beyond ±65504 infinity. */
export function toHalf(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent < -25) return sign;
  // Below 2⁻¹⁴ the implicit one becomes explicit, and the step is 2⁻²⁴ everywhere.
  const significand = exponent < -14 ? fraction | 0x800000 : fraction;
  const dropped = exponent < -14 ? -1 - exponent : 13;
  const kept = significand >>> dropped;
  const rest = significand & (2 ** dropped - 1);
  const tie = 2 ** (dropped - 1);
  const up = rest > tie || (rest === tie && (kept & 1) === 1) ? 1 : 0;
  const biased = exponent < -14 ? 0 : (exponent + 15) << 10;
  // A carry out of the fraction is the next exponent, as it should be; out of the largest it is infinity.
  const magnitude = biased + kept + up;
  return sign | Math.min(magnitude, 0x7c00);
}
