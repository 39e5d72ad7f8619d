import { describeNetworksOn } from './networks-on.ts';

describeNetworksOn('js');
describeNetworksOn('wasm');
