import { describeNetworksOn } from './networks-on.ts';

// A GPU in software compiles each shader for seconds: one network in full.
describeNetworksOn('webgpu', {
  networks: ['b0@64', 'b0@64:g16,e4,gn4,d0.3', 'b0@64:g16,e4,ln+pn,d0.3'],
  tolerance: { loss: 1e-4, state: 1e-3 },
});
