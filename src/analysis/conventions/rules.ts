import type { Rule } from './convention.ts';
import type { PartKind } from './parts.ts';

/** Rules that several tools share. */

/** One per multiply-accumulate: the operations of these parts are nothing else. */
export const macs: Rule = {
  line: 'multiply-accumulates',
  rule: '1 each',
  amount: ({ operations }) => operations,
};

/** Parts whose outputs are activations in the sense of Radosavovic et al. 2020, §3. */
export const weightedParts = ['convolution', 'dense', 'matrix product'] as const satisfies PartKind[];

export function perElement(line: string, factor: number, why = ''): Rule {
  return { line, rule: `${factor} per element${why}`, amount: ({ inputs }) => factor * inputs };
}

/** A norm that costs more with scale and offset than without. */
export function perNormElement(line: string, affine: number, plain: number): Rule {
  return {
    line,
    rule: `${affine} per element (${plain} without scale and offset)`,
    amount: (part) => (part.affine ? affine : plain) * part.inputs,
  };
}

export const biasPerOutput: Rule = { line: 'biases', rule: '1 per output', amount: ({ outputs }) => outputs };
