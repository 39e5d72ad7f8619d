import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EcfxError } from '../errors.ts';
import { trainingTag, variantOfFieldName } from '../models/variants/field-names.ts';
import { parseVariant } from '../models/variants/variant.ts';
import { packageFile } from '../package-root.ts';
import { parseCsv } from '../results/csv-rows.ts';
import { readInput } from '../results/input-file.ts';
import type { Accuracy, BenchResult } from '../results/schema.ts';
import { accuracyOf as studyAccuracyOf } from '../analysis/published.ts';

/** What the study's accuracies were trained with. */
export const studyRecipe = 'Making EfficientNet More Efficient';

const file = z.strictObject({
  source: z.string(),
  recipes: z.array(
    z.strictObject({
      /** How the networks were trained, as far as its name says it. */
      recipe: z.string(),
      /** Images beyond ImageNet's 1.28 million that were trained with. */
      extraData: z.string().optional(),
      accuracies: z.array(
        z.strictObject({
          /** As the source names it. */
          network: z.string(),
          variant: z.string(),
          /** Per cent. */
          top1: z.number().min(0).max(100),
        }),
      ),
    }),
  ),
});

/** ImageNet top-1 of a variant under one training recipe. */
export interface KnownAccuracy extends Accuracy {
  readonly variant: string;
  readonly recipe: string;
  readonly extraData?: string;
}

/** Every printed accuracy of `fixtures/accuracies`; several for a network that was trained in several ways. */
export function publishedAccuracies(): readonly KnownAccuracy[] {
  published ??= readPublished();
  return published;
}

let published: readonly KnownAccuracy[] | undefined;

/** Everything known for a variant, the study's own first. */
export function accuraciesOf(variant: string): KnownAccuracy[] {
  const study = studyAccuracyOf(variant);
  return [
    ...(study ? [{ ...study, variant, recipe: studyRecipe }] : []),
    ...publishedAccuracies().filter((each) => each.variant === variant),
  ];
}

/**
 * An accuracy for each of the networks that are to be compared. The user's own come first. Of the published ones, only those of
 * the recipe that most of the networks have, so that like is set beside like; only where no recipe covers two thirds of
 * the networks are recipes mixed, as few as possible. Recipes with additional images come last.
 */
export function chooseAccuracies(
  variants: readonly string[],
  own: readonly KnownAccuracy[] = [],
): Map<string, KnownAccuracy> {
  const chosen = new Map<string, KnownAccuracy>();
  const open = new Set(variants);
  const take = (accuracy: KnownAccuracy) => {
    if (open.delete(accuracy.variant)) chosen.set(accuracy.variant, accuracy);
  };
  own.forEach(take);
  const known = [...open].flatMap(accuraciesOf);
  const enough = (2 / 3) * open.size;
  for (;;) {
    const recipe = widest(known.filter(({ variant }) => open.has(variant)));
    if (recipe === undefined) return chosen;
    recipe.forEach(take);
    if (recipe.length >= enough) return chosen;
  }
}

/** The result with an accuracy for each network, chosen so that they can be compared. */
export function withAccuracies(result: BenchResult, own: readonly KnownAccuracy[] = []): BenchResult {
  const variants = [...new Set(result.rows.map(({ variant }) => variant))];
  const chosen = chooseAccuracies(variants, own);
  return {
    ...result,
    rows: result.rows.map((row) => {
      const known = chosen.get(row.variant);
      if (!known) return { ...row, accuracy: null };
      const { variant: _, ...accuracy } = known;
      return { ...row, accuracy };
    }),
  };
}

/** The accuracies of the recipe that covers most variants; the first of several such recipes. */
function widest(accuracies: readonly KnownAccuracy[]): KnownAccuracy[] | undefined {
  const recipes = new Map<string, KnownAccuracy[]>();
  for (const accuracy of accuracies) {
    const members = recipes.get(accuracy.recipe);
    if (members) members.push(accuracy);
    else recipes.set(accuracy.recipe, [accuracy]);
  }
  const plain = (members: readonly KnownAccuracy[]) => (members[0]?.extraData === undefined ? 1 : 0);
  return [...recipes.values()].sort((a, b) => plain(b) - plain(a) || b.length - a.length)[0];
}

const ownFile = z.array(
  z.strictObject({
    network: z.string(),
    top1: z.number().min(0).max(100),
    error: z.number().min(0).optional(),
    recipe: z.string().optional(),
  }),
);

/**
 * Reads accuracies that the user brings: CSV with columns `network` (or `model`) and `top1`, and if wanted `error` in
 * percentage points, `recipe`, `img_size`; or the same as a JSON list. timm's results-imagenet.csv is such a file.
 * Networks that ecfx does not have are left out. Throws `EcfxError` (input) on a file that is not so.
 */
export function readAccuracies(path: string): KnownAccuracy[] {
  const text = readInput(path);
  const rows = path.toLowerCase().endsWith('.json') ? jsonRows(text, path) : csvRows(text, path);
  const accuracies = rows.flatMap(({ network, side, top1, error = 0, recipe }): KnownAccuracy[] => {
    const variant = variantOfFieldName(network, side);
    if (variant === null) return [];
    return [
      {
        ...{ variant, top1, error, source: path, origin: 'imported' },
        series: parseVariant(variant).model.family,
        recipe: recipe ?? trainingTag(network) ?? path,
      },
    ];
  });
  if (accuracies.length === 0) {
    throw new EcfxError('input', `${path}: none of its ${rows.length} networks is one that ecfx knows`, {
      suggestions: ['Name networks as ecfx models does, in a column “network”.'],
    });
  }
  return accuracies;
}

interface OwnRow {
  readonly network: string;
  readonly top1: number;
  readonly error?: number | undefined;
  readonly recipe?: string | undefined;
  readonly side?: number;
}

function jsonRows(text: string, path: string): OwnRow[] {
  try {
    return ownFile.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function csvRows(text: string, path: string): OwnRow[] {
  return parseCsv(text, path).map(({ line, cells }) => {
    const network = cells['network'] ?? cells['model'];
    const number = (name: string) => {
      const value = Number(cells[name]);
      if (cells[name]?.trim() === '' || !Number.isFinite(value) || value < 0) {
        throw new EcfxError('input', `${path}, line ${line}: “${cells[name] ?? ''}” is no ${name}`);
      }
      return value;
    };
    if (network === undefined || cells['top1'] === undefined) {
      throw new EcfxError('input', `${path}: the columns network and top1 are needed`);
    }
    return {
      network,
      top1: number('top1'),
      ...(cells['error'] && { error: number('error') }),
      ...(cells['recipe'] && { recipe: cells['recipe'] }),
      ...(cells['img_size'] && { side: number('img_size') }),
    };
  });
}

function readPublished(): KnownAccuracy[] {
  const folder = packageFile('fixtures', 'accuracies');
  let path = folder;
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .flatMap((name) => {
        path = join(folder, name);
        const { source, recipes } = file.parse(JSON.parse(readFileSync(path, 'utf8')));
        return recipes.flatMap(({ recipe, extraData, accuracies }) =>
          accuracies.map(({ variant, top1 }): KnownAccuracy => ({
            ...{ variant, top1, source, recipe, origin: 'published' },
            ...(extraData !== undefined && { extraData }),
            error: 0,
            series: parseVariant(variant).model.family,
          })),
        );
      });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): EcfxError {
  const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
  return new EcfxError('input', `${path}: ${why}`, { cause: error });
}
