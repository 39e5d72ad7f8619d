import { expect, test } from 'vitest';
import { nearest } from '../../../src/models/variants/nearest.ts';

test('the nearest candidates come first, and none that is too far off', () => {
  expect(nearest('swsh', ['relu', 'swish', 'gelu'])).toEqual(['swish']);
  expect(nearest('b9', ['b0', 'b8', 'l2', 'efficientnet-b0'])).toEqual(['b0', 'b8', 'l2']);
  expect(nearest('efficientnet-b10', ['efficientnet-b8', 'efficientnet-b1'])).toEqual([
    'efficientnet-b1',
    'efficientnet-b8',
  ]);
  expect(nearest('transformer', ['relu', 'b0'])).toEqual([]);
});

test('case does not matter, and no more than the asked number is given', () => {
  expect(nearest('SWISH', ['swish'])).toEqual(['swish']);
  expect(nearest('a1', ['a2', 'a3', 'a4', 'a5'], 2)).toEqual(['a2', 'a3']);
});
