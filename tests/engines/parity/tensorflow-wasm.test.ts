import { describeParity } from './parity.ts';

describeParity('tensorflow', 'wasm');
