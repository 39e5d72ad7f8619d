import type { ImportedRow } from '../../results/schema.ts';

/** A file of another tool: its name without folder and ending, and what it holds. */
export interface ForeignFile {
  readonly path: string;
  readonly stem: string;
  readonly text: string;
}

/** Reads the results of one tool. */
export interface Importer {
  /** What is read, for messages. */
  readonly format: string;
  /** Whether the file looks like that tool's. */
  recognizes(file: ForeignFile): boolean;
  /** Throws `EcfxError` (input), naming the place, when a row is not what that tool writes. */
  read(file: ForeignFile): ImportedRow[];
}

/**
 * Network and batch of a file that does not say them itself, from its name: `efficientnet-b0.b8` is EfficientNet-B0
 * in batches of eight; without `.b8` it is one image.
 */
export function namedByFile(stem: string): { network: string; batch: number } {
  const [, network = stem, batch] = /^(.*?)(?:\.b(\d{1,6}))?$/s.exec(stem) ?? [];
  return { network, batch: Math.max(1, Number(batch ?? 1)) };
}
