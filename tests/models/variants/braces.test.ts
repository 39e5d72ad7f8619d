import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EcfxError } from '../../../src/errors.ts';
import { expandBraces } from '../../../src/models/variants/braces.ts';

describe('braces', () => {
  test.each([
    ['b0', ['b0']],
    ['', ['']],
    ['b{0..3}', ['b0', 'b1', 'b2', 'b3']],
    ['b{3..1}', ['b3', 'b2', 'b1']],
    ['b{2..2}', ['b2']],
    ['{a,b}-{x,y}', ['a-x', 'a-y', 'b-x', 'b-y']],
    ['b0{,:g16}', ['b0', 'b0:g16']],
    ['b{0..1}:{bn,ln+pn}', ['b0:bn', 'b0:ln+pn', 'b1:bn', 'b1:ln+pn']],
    ['{0.5,1.0}', ['0.5', '1.0']],
  ])('%s', (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });

  test.each(['b{0..5', 'b0..5}', '{}', '{ }', '{{a},b}', '{0..5}}', '{0..999999}', '{1..40}{1..40}'])(
    '%s is refused by name',
    (pattern) => {
      expect(() => expandBraces(pattern)).toThrow(EcfxError);
      expect(() => expandBraces(pattern)).toThrow(pattern);
    },
  );

  test('as many names as the product of the choices, the last brace turning fastest', () => {
    const list = fc.array(fc.stringMatching(/^[a-z0-9]{1,4}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(list, list, (first, second) => {
        const names = expandBraces(`<{${first.join(',')}}-{${second.join(',')}}>`);
        expect(names).toEqual(first.flatMap((a) => second.map((b) => `<${a}-${b}>`)));
      }),
    );
  });
});
