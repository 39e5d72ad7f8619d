import { describeNetworksOn } from './networks-on.ts';

// Shaders may multiply and add in one rounding, and their exponentials are approximate.
describeNetworksOn('webgpu', { loss: 1e-4, state: 1e-3 });
