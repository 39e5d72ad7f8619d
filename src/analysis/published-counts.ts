import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EcfxError } from '../errors.ts';
import { packageFile } from '../package-root.ts';
import { conventionNames } from './conventions/registry.ts';

/** A number with the digits that its source prints: `5288548`, `0.40 G`, `5.29 M`. */
const printed = z
  .string()
  .regex(/^\d+(\.\d+)?( [MG])?$/, 'a number as printed was expected, such as “0.40 G”');

const count = z.strictObject({
  /** What the source calls the network. */
  network: z.string(),
  /** The same network as ecfx names it. */
  variant: z.string(),
  /** Side of the images in pixels, where the source gives one. */
  resolution: z.int().positive().optional(),
  /** Images that the operations are for; one unless given. */
  images: z.int().positive().default(1),
  parameters: printed.optional(),
  /** State that is not learned. */
  buffers: printed.optional(),
  operations: printed.optional(),
  activations: printed.optional(),
  /** A line of the convention's total that this implementation has not. */
  lacks: z.string().optional(),
  note: z.string().optional(),
  /** Why this figure is known not to be what the convention gives. */
  differs: z.string().optional(),
});

const file = z.strictObject({
  convention: z.enum(conventionNames),
  source: z.string(),
  counts: z.array(count),
});

/** A count that somebody published, with the digits that were printed. */
export interface PublishedCount extends z.infer<typeof count> {
  readonly convention: z.infer<typeof file>['convention'];
  readonly source: string;
}

/** Every published count of `fixtures/published`. Throws `EcfxError` (input) on a damaged or missing file. */
export function publishedCounts(): PublishedCount[] {
  const folder = packageFile('fixtures', 'published');
  return filesIn(folder).flatMap((name) => {
    const { convention, source, counts } = readPublished(join(folder, name));
    return counts.map((each) => ({ ...each, convention, source }));
  });
}

/** Whether `value` is printed as `digits`, at that precision and in that unit. */
export function printsAs(value: number, digits: string): boolean {
  const [number = '', unit = ''] = digits.split(' ');
  const decimals = number.split('.')[1]?.length ?? 0;
  return (value / (units[unit] ?? Number.NaN)).toFixed(decimals) === number;
}

const units: Readonly<Record<string, number>> = { '': 1, M: 1e6, G: 1e9 };

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    throw missing(folder, error);
  }
}

function readPublished(path: string): z.infer<typeof file> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw missing(path, error);
  }
  try {
    return file.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new EcfxError('input', `${path}: ${why}`, { cause: error });
  }
}

function missing(path: string, cause: unknown): EcfxError {
  return new EcfxError('input', `${path} cannot be read, and comes with ecfx: install ecfx again`, { cause });
}
