import { describeOperatorsOn } from './operators-on.ts';

describeOperatorsOn('js', 1e-5);
describeOperatorsOn('wasm', 1e-5);
