import { EcfxError } from '../errors.ts';

/** Operands that do not fit their operator: names the node, the operator and the shapes. */
export class ShapeError extends EcfxError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('usage', message, options);
  }
}
