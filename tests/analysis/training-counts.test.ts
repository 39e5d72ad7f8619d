import { expect, test } from 'vitest';
import { buckets } from '../../src/analysis/buckets.ts';
import { standardTrainingStep } from '../../src/analysis/training.ts';
import { breakDownTraining, countTraining, passes } from '../../src/analysis/training-counts.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';

const batch = 2;
const stepOf = (variant: string) => standardTrainingStep(parseVariant(variant), batch, 'sgd');

test.each(['b0@64:g16,e4,gn4', 'b0@64:ln+pn', 'resnet-18@64'])(
  'kinds of operators add up to passes, and passes to the step (%s)',
  (variant) => {
    const step = stepOf(variant);
    const { buckets: parts, ...counts } = breakDownTraining(step, batch);
    expect(counts).toEqual(countTraining(step, batch));
    for (const quantity of ['macs', 'arithmetic', 'transcendental', 'bytesRead', 'bytesWritten'] as const) {
      for (const pass of passes) {
        const sum = buckets.reduce((all, bucket) => all + parts[pass][bucket][quantity], 0);
        expect(sum).toBeCloseTo(counts.passes[pass][quantity], 3);
      }
      const all = passes.reduce((sum, pass) => sum + counts.passes[pass][quantity], 0);
      expect(all).toBeCloseTo(counts.total[quantity], 3);
    }
  },
);

test('MobileNet spends 95 % of its MACs in 1×1 convolutions and its classifier (Howard et al. 2017, table 2)', () => {
  const { buckets: parts, passes: own } = breakDownTraining(stepOf('mobilenetv1'), batch);
  const share = (bucket: (typeof buckets)[number]) => (100 * parts.forward[bucket].macs) / own.forward.macs;
  expect(share('pointwise')).toBeCloseTo(94.86 + 0.18, 2);
  expect(share('normalization')).toBe(0);
  expect(parts.optimizer.update.bytesWritten).toBe(own.optimizer.bytesWritten);
});
