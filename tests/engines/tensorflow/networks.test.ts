import { describeNetworksOn } from './networks-on.ts';

describeNetworksOn('js', { loss: 1e-5, state: 1e-4 });
describeNetworksOn('wasm', { loss: 1e-5, state: 1e-4 });
