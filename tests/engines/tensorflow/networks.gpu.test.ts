import { describeNetworksOn } from './networks-on.ts';

describeNetworksOn('webgpu');
