import type { BenchResult, ImportedRow } from '../results/schema.ts';
import { readAccuracies, withAccuracies, type KnownAccuracy } from './accuracies.ts';
import { importResults } from './imports/registry.ts';

/** What a result is set beside, brought by the user. */
export interface References {
  readonly accuracies: readonly KnownAccuracy[];
  readonly imported: readonly ImportedRow[];
}

/** Reads the files of `--accuracy` and `--import`. Throws `EcfxError` (input) when one is not what it should be. */
export function readReferences(files: {
  readonly accuracy?: string | undefined;
  readonly import?: readonly string[] | undefined;
}): References {
  return {
    accuracies: files.accuracy === undefined ? [] : readAccuracies(files.accuracy),
    imported: (files.import ?? []).flatMap(importResults),
  };
}

/** The result with an accuracy for each network, published ones where the user brings none, and what was imported. */
export function withReferences(result: BenchResult, { accuracies, imported }: References): BenchResult {
  return {
    ...withAccuracies(result, accuracies),
    ...(imported.length > 0 && { imported: [...imported] }),
  };
}
