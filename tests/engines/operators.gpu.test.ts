import { operatorCases } from './operator-cases.ts';
import { describeOperatorsOn } from './operators-on.ts';

/** What has shaders for its shapes; each case is three sessions, and the networks of `parity` have the rest. */
const shaped = operatorCases.filter(({ name }) => /^(conv2d|pool2d)/.test(name));

describeOperatorsOn('onnxruntime', 'webgpu', 1e-5, shaped);
