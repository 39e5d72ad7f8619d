import { describeNetworksOn } from './networks-on.ts';

describeNetworksOn('js', { loss: 1e-5, state: 1e-4 });
// XNNPACK rounds more coarsely: seen where instance norm divides by a very small deviation.
describeNetworksOn('wasm', { loss: 1e-4, state: 1e-3 });
