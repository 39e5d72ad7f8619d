import { describeOperatorsOn } from './operators-on.ts';

describeOperatorsOn('webgpu', 1e-5);
