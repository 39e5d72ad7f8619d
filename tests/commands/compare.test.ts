import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ecfx, ecfxJson, suiteFolder } from '../support/cli.ts';
import { tinyNetworks, writeRun, type SyntheticRun } from '../support/run-folder.ts';

const suite = suiteFolder();
const run = (name: string, options: SyntheticRun = {}) => writeRun(join(suite, name), options);

const before = run('before', { speedUp: 1.25, startedAt: '2026-01-01T00:00:00Z' });
const after = run('after', { speedUp: 1.25, speed: 0.7, noise: 0.001, startedAt: '2026-01-02T00:00:00Z' });

interface Compared {
  readonly schema: string;
  readonly design: string;
  readonly rows: {
    readonly b: { readonly variant: string };
    readonly comparison: { readonly estimate: number; readonly method: string; readonly verdict: string };
  }[];
}

/** What a person reads, without line breaks. */
const flat = (text: string) => text.replaceAll(/\s*\n\s*›?\s*/g, ' ');

describe('ecfx compare', () => {
  it('compares two variants of one run round by round', async () => {
    const args = ['compare', before, '--variants', 'b0@32:w0.25,d0.25', 'b0@32:g4,gn4,w0.25,d0.25'];
    const result = (await ecfxJson(args)) as Compared;
    expect(result).toMatchObject({ schema: 'ecfx.compare/1', design: 'paired' });
    expect(result.rows).toHaveLength(1);
    expect(result.rows[0]?.comparison).toMatchObject({ verdict: 'faster', method: 't' });
    expect(result.rows[0]?.comparison.estimate).toBeCloseTo(1.25, 2);
    const backwards = ['compare', before, '--variants', ...args.slice(-2).reverse()];
    expect(((await ecfxJson(backwards)) as Compared).rows[0]?.comparison.verdict).toBe('slower');
  });

  it('compares two runs as unpaired launches, variant by variant', async () => {
    const result = (await ecfxJson(['compare', before, after])) as Compared;
    expect(result.design).toBe('unpaired');
    expect(result.rows.map(({ b }) => b.variant)).toEqual(tinyNetworks);
    for (const { comparison } of result.rows) {
      // Rounds drift by ten per cent, which unpaired launches do not cancel.
      expect(comparison.method).toMatch(/welch|bootstrap/);
      expect(comparison.verdict).toBe('slower');
      expect(comparison.estimate).toBeCloseTo(0.7, 0);
    }
  });

  it('fits 80 columns, says which design it used, and has Markdown and CSV', async () => {
    const table = await ecfx(['compare', before, after]);
    expect(table.exitCode).toBe(0);
    expect(Math.max(...table.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(table.stdout).toContain('Unpaired');
    expect(table.stdout).toMatch(/^variant +a +b +speed +rounds +verdict$/m);
    const markdown = await ecfx(['compare', before, after, '--markdown']);
    expect(markdown.stdout).toMatch(
      /^### b against a: 2 slower\n[^]*^- ▼ .* in b is slower than .* in a: 0\.\d+×[^]*^\| variant/m,
    );
    const csv = (await ecfx(['compare', before, after, '--csv'])).stdout.split('\r\n');
    expect(csv[0]).toContain('speed_ratio,speed_ratio_low,speed_ratio_high,interval_method,p,p_holm');
    expect(csv).toHaveLength(3);
  });

  it.each([
    [['--fail-if', 'slower'], 5],
    [['--fail-if', 'different'], 5],
    [['--fail-if', 'faster'], 0],
    [[], 0],
  ] as const)('%j ends with %d when b is slower', async (flags, exitCode) => {
    const { exitCode: found, stderr } = await ecfx(['compare', before, after, ...flags]);
    expect(found).toBe(exitCode);
    if (exitCode === 5) expect(stderr).toContain('is slower');
  });

  it('refuses what is unlike, and flags it when forced', async () => {
    const batch = run('batch', { subject: { batch: 8 }, startedAt: '2026-01-03T00:00:00Z' });
    const refused = await ecfx(['compare', before, batch]);
    expect([refused.exitCode, flat(refused.stderr)]).toEqual([
      2,
      expect.stringContaining('UNEQUAL BATCH (4 and 8)'),
    ]);
    const forced = await ecfx(['compare', before, batch, '--force']);
    expect(forced.exitCode).toBe(0);
    expect(flat(forced.stdout)).toContain('unlike: UNEQUAL BATCH (4 and 8)');
  });

  it('proves nothing without a control', async () => {
    const blind = run('blind', { hasControl: false, speed: 0.5, startedAt: '2026-01-04T00:00:00Z' });
    const result = (await ecfxJson(['compare', before, blind, '--fail-if', 'slower'])) as Compared;
    expect(result.rows.map(({ comparison }) => comparison.verdict)).toEqual(['unproven', 'unproven']);
  });

  it('says what it needs', async () => {
    const one = await ecfx(['compare', before]);
    expect([one.exitCode, flat(one.stderr)]).toEqual([2, expect.stringContaining('two of its variants')]);
    const none = await ecfx(['compare', before, after, '--variants', 'b0', 'b1']);
    expect([none.exitCode, flat(none.stderr)]).toEqual([2, expect.stringContaining('nothing to compare')]);
  });

  it('pools a folder of runs', async () => {
    for (const index of [1, 2]) {
      run(join('repeated', String(index)), { speedUp: 1.25, startedAt: `2026-02-0${index}T00:00:00Z` });
    }
    const result = (await ecfxJson(['compare', before, join(suite, 'repeated')])) as Compared;
    expect(result.design).toBe('unpaired');
    const own = ['compare', join(suite, 'repeated'), '--variants', ...tinyNetworks];
    expect(((await ecfxJson(own)) as Compared).rows[0]?.comparison).toMatchObject({
      method: 'signed-rank',
      rounds: 16,
      verdict: 'faster',
    });
  });

  it('takes the shards of a plan together, for what one alone is too little to prove', async () => {
    const slower = { speed: 0.7, noise: 0.001, rounds: 12 };
    const shards = [1, 2].map((index) =>
      run(join('shards', String(index)), {
        ...slower,
        shard: { index, count: 3 },
        startedAt: `2026-02-1${index}T00:00:00Z`,
      }),
    );
    const compareWith = async (b: string) => {
      const { exitCode, stdout } = await ecfx(['compare', before, b, '--fail-if', 'slower', '--json']);
      return {
        exitCode,
        verdicts: (JSON.parse(stdout) as Compared).rows.map((row) => row.comparison.verdict),
      };
    };
    // Four rounds each: a verdict needs six.
    expect(await compareWith(shards[0]!)).toEqual({
      exitCode: 0,
      verdicts: ['inconclusive', 'inconclusive'],
    });
    expect(await compareWith(join(suite, 'shards'))).toEqual({ exitCode: 5, verdicts: ['slower', 'slower'] });
  });
});

describe('ecfx report of several runs', () => {
  it('merges them, and keeps unlike machines apart', async () => {
    const merged = await ecfx([
      'report',
      before,
      run('twin', { startedAt: '2026-03-01T00:00:00Z' }),
      '--csv',
    ]);
    expect(merged.stdout.split('\r\n')).toHaveLength(3);
    const apart = await ecfx(['report', before, run('stranger', { cpu: 'Another CPU' })]);
    expect(apart.stdout).toMatch(/^variant +machine +counted/);
    expect(flat(apart.stdout)).toContain('Machine B: Another CPU');
    expect(Math.max(...apart.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(88);
  });

  it('shows control, verdict and what could be seen', async () => {
    const { stdout } = await ecfx(['report', before]);
    expect(stdout).toMatch(/faster/);
    expect(flat(stdout)).toMatch(/A\/A control, b0@32:w0.25,d0.25 against itself: .*, as it should be\./);
    expect(flat(stdout)).toMatch(/A difference of [\d.]+ % would probably/);
  });
});

describe('ecfx report --recompute', () => {
  it('agrees with a run, with what bench or report printed as JSON, and with a page', async () => {
    const fromRun = await ecfx(['report', before, '--recompute']);
    expect([fromRun.exitCode, fromRun.stdout]).toEqual([0, expect.stringContaining('All 8 agree')]);
    const document = join(suite, 'result.json');
    const printed = await ecfx(['report', before, '--json']);
    writeFileSync(document, printed.stdout);
    expect((await ecfx(['report', document, '--recompute'])).exitCode).toBe(0);
    const page = join(suite, 'page.html');
    expect((await ecfx(['report', before, '--html', page])).exitCode).toBe(0);
    expect((await ecfx(['report', page, '--recompute'])).exitCode).toBe(0);
  });

  it('ends with 5 when a printed interval does not follow from the samples', async () => {
    const document = join(suite, 'forged.json');
    const printed = (await ecfx(['report', before, '--json'])).stdout;
    writeFileSync(document, printed.replace(/("speedUp":\s*\{\s*"estimate":\s*)1\.\d+/, '$11.9'));
    expect(readFileSync(document, 'utf8')).not.toBe(printed);
    const { exitCode, stdout } = await ecfx(['report', document, '--recompute']);
    expect([exitCode, stdout]).toEqual([5, expect.stringMatching(/speed-up +1\.9.* +NO/)]);
    expect(stdout).toContain('1 of 8 do not agree');
  });

  it('refuses what is no result', async () => {
    const document = join(suite, 'other.json');
    writeFileSync(document, '{"schema": "something/1"}');
    expect((await ecfx(['report', document, '--recompute'])).exitCode).toBe(3);
    expect((await ecfx(['report', document, before])).exitCode).toBe(2);
  });
});
