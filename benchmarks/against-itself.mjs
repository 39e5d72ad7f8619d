/**
 * Does ecfx find differences where there are none? Runs of a network against itself: each run's A/A control, judged as
 * two variants would be.
 *
 * usage: node benchmarks/against-itself.mjs [variant] [runs] [batch] [first seed]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [variant = 'b0', runs = '20', batch = '4', firstSeed = '1'] = process.argv.slice(2);
const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'ecfx.js');
const folder = mkdtempSync(join(tmpdir(), 'ecfx-itself-'));
let findings = 0;
try {
  for (let run = 1; run <= Number(runs); run++) {
    const length = [
      '--quick',
      '--rounds',
      '6',
      '--batch',
      batch,
      '--seed',
      String(Number(firstSeed) + run - 1),
    ];
    const output = ['--json', '--output', join(folder, String(run))];
    const text = execFileSync(process.execPath, [program, 'bench', variant, ...length, ...output], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { settings, protocol } = JSON.parse(text);
    const { estimate, low, high } = settings[0].control;
    const least = protocol.smallestEffect;
    const isFinding = low > 1 + least || high < 1 / (1 + least);
    if (isFinding) findings += 1;
    const interval = [low, high].map((end) => end.toFixed(3)).join(' to ');
    console.log(`${run}: ${estimate.toFixed(3)}, ${interval}${isFinding ? ': A DIFFERENCE' : ''}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${findings} of ${runs} runs of ${variant} against itself found a difference`);
