import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files in which Linux describes a machine, under a root folder (`/`, or a copy in a test). Whatever is missing,
 * forbidden or not what it should be is null: other systems have none of them, virtual machines and containers only some.
 */
export class SystemFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  text(path: string): string | null {
    try {
      return readFileSync(join(this.#root, path), 'utf8').trim();
    } catch {
      return null;
    }
  }

  number(path: string): number | null {
    return finiteNumber(this.text(path));
  }

  /** Names in a folder that match, sorted; empty when it cannot be read. */
  names(folder: string, pattern: RegExp): string[] {
    try {
      return readdirSync(join(this.#root, folder))
        .filter((name) => pattern.test(name))
        .sort();
    } catch {
      return [];
    }
  }
}

/** A number that a system file wrote; null for nothing and for words (`max`). */
export function finiteNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** How many numbers a list such as `0-3,8` names; null when it is none. */
export function listLength(list: string | null): number | null {
  if (list === null || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return null;
  return list.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}
