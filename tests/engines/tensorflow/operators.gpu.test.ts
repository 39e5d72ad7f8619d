import { describeOperatorsOn } from '../operators-on.ts';

describeOperatorsOn('tensorflow', 'webgpu', 1e-5);
