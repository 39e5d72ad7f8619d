import { describeParity } from './parity.ts';

describeParity('onnxruntime', 'webgpu');
