import { describeOperatorsOn } from '../operators-on.ts';

describeOperatorsOn('tensorflow', 'js', 1e-5);
describeOperatorsOn('tensorflow', 'wasm', 1e-5);
