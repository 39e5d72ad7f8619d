/**
 * Does interleaving pay? The ratio of two networks on the machine as it is; then twice with a second process that
 * computes from half-way on: measured in rounds, as ecfx does, and one network after the other, as loops do.
 *
 * usage: node benchmarks/interleaving.mjs [reference] [variant] [batch] [rounds]
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [reference = 'b0', variant = 'b0:g16,e4,gn4', batch = '8', rounds = '6'] = process.argv.slice(2);
const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'ecfx.js');
const folder = mkdtempSync(join(tmpdir(), 'ecfx-interleaving-'));
let count = 0;

/** A result of one run; `atHalf` is called when half of its cells have ended. */
async function bench(
  /** @type {readonly string[]} */ variants,
  /** @type {(() => void) | undefined} */ atHalf,
) {
  const output = join(folder, String((count += 1)));
  const length = ['--quick', '--rounds', rounds, '--batch', batch];
  const args = [program, 'bench', ...variants, ...length, '--json', '--output', output];
  const running = promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28 });
  const file = join(output, 'run.jsonl');
  const half = ((variants.length + 1) * Number(rounds)) / 2;
  let isOver = false;
  const end = () => (isOver = true);
  running.then(end, end);
  for (let ended = 0; ended < half && !isOver; await setTimeout(100)) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    ended = text.split('"type":"cell-end"').length - 1;
  }
  atHalf?.();
  return JSON.parse((await running).stdout);
}

/** One core's worth of arithmetic, until it is stopped. */
function startLoad() {
  const load = spawn(process.execPath, ['-e', 'for (;;) Math.sqrt(Math.random())'], { stdio: 'ignore' });
  return () => load.kill();
}

const show = (
  /** @type {string} */ title,
  /** @type {{ estimate: number, low: number, high: number }} */ speed,
) =>
  console.log(`${title}: ${speed.estimate.toFixed(3)} (${speed.low.toFixed(3)} to ${speed.high.toFixed(3)})`);

/** Each network on its own, so the interval knows nothing of the other's. */
const apart = (
  /** @type {{ estimate: number, low: number, high: number }} */ first,
  /** @type {{ estimate: number, low: number, high: number }} */ second,
) => ({
  estimate: second.estimate / first.estimate,
  low: second.low / first.high,
  high: second.high / first.low,
});

try {
  const quiet = await bench([reference, variant]);
  show(`${variant} against ${reference}, machine as it is, in rounds`, quiet.rows[1].speedUp);
  /** @type {(() => void) | undefined} */
  let stop;
  const disturbed = await bench([reference, variant], () => (stop = startLoad()));
  stop?.();
  show('with a load from half-way, in rounds', disturbed.rows[1].speedUp);
  const before = await bench([reference]);
  stop = startLoad();
  const after = await bench([variant]);
  stop?.();
  show(
    'with a load from half-way, one after the other',
    apart(before.rows[0].throughput, after.rows[0].throughput),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
