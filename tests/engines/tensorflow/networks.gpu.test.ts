import { trainingCases } from '../training-cases.ts';
import { describeNetworksOn } from './networks-on.ts';

// What the whole networks of the parity tests do not have. Shaders in software are slow to compile.
const others = trainingCases.filter(
  ([variant, optimizer]) => optimizer !== 'sgd' || /evonorm|symmetric|,in,/.test(variant),
);
// Shaders may multiply and add in one rounding, and their exponentials are approximate.
describeNetworksOn('webgpu', { loss: 1e-4, state: 1e-3 }, others);
