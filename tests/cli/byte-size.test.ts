import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../src/cli/byte-size.ts';
import { EcfxError } from '../../src/errors.ts';

describe('parseBytes', () => {
  it.each([
    ['16GB', 16e9],
    ['4G', 4e9],
    ['512MiB', 512 * 2 ** 20],
    [' 1.5 tb ', 1.5e12],
    ['8b', 8],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', '16', 'GB', '-1GB', '1e3GB', '16 gigs', '16GBs', '99999999999999999GB'])(
    'refuses “%s”',
    (text) => {
      expect(() => parseBytes(text)).toThrow(EcfxError);
    },
  );
});
