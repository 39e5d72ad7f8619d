import { describeNetworksOn } from './networks-on.ts';

const tolerance = { loss: 1e-5, state: 1e-4 };

// Plain JavaScript is slow: one network in full.
describeNetworksOn('js', {
  networks: ['b0@64', 'b0@64:g16,e4,gn4,d0.3', 'b0@64:g16,e4,ln+pn,d0.3'],
  tolerance,
});
describeNetworksOn('wasm', { networks: ['b0@64', 'b0@64:g16,e4,gn4', 'b0@64:g16,e4,ln+pn'], tolerance });
