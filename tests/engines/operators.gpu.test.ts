import { describeOperatorsOn } from './operators-on.ts';

describeOperatorsOn('onnxruntime', 'webgpu', 1e-5);
