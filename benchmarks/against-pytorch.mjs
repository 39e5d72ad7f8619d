/**
 * ecfx beside PyTorch eager on the same networks: images per second and peak memory, in turn, several times.
 *
 * usage: node benchmarks/against-pytorch.mjs [batch] [pairs] [mode] [network]; PYTHON names an interpreter with torch
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from 'simple-statistics';

const [batch = '8', pairs = '4', onlyMode, onlyNetwork] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const python = process.env['PYTHON'] ?? 'python3';
const threads = String(availableParallelism());
const folder = mkdtempSync(join(tmpdir(), 'ecfx-pytorch-'));
let run = 0;

const ecfx = (/** @type {string} */ network, /** @type {string} */ mode) => {
  const args = [
    'bench',
    network,
    '--mode',
    mode,
    '--batch',
    batch,
    '--threads',
    threads,
    '--rounds',
    '1',
    '--json',
  ];
  const output = ['--output', join(folder, String((run += 1)))];
  const text = execFileSync(process.execPath, [join(here, '..', 'bin', 'ecfx.js'), ...args, ...output], {
    encoding: 'utf8',
  });
  const [row] = JSON.parse(text).rows;
  return { rate: row.throughput.estimate, memory: row.peakMemoryBytes };
};
const pytorch = (/** @type {string} */ network, /** @type {string} */ mode, /** @type {string} */ layout) => {
  const args = [join(here, 'pytorch_peer.py'), network, mode, batch, threads, layout];
  const { imagesPerSecond, peakMemoryBytes } = JSON.parse(execFileSync(python, args, { encoding: 'utf8' }));
  return { rate: imagesPerSecond, memory: peakMemoryBytes };
};

try {
  for (const mode of onlyMode ? [onlyMode] : ['inference', 'training']) {
    for (const network of onlyNetwork ? [onlyNetwork] : ['b0', 'b0:g16,e4,gn4']) {
      const rows = Array.from({ length: Number(pairs) }, () => ({
        nchw: pytorch(network, mode, 'nchw'),
        ecfx: ecfx(network, mode),
        channelsLast: pytorch(network, mode, 'channels_last'),
      }));
      const middle = (/** @type {(row: typeof rows[number]) => number} */ value) => median(rows.map(value));
      const better = (/** @type {typeof rows[number]} */ row) =>
        Math.max(row.nchw.rate, row.channelsLast.rate);
      console.log(
        `${network} ${mode} batch ${batch}: ecfx ${middle((row) => row.ecfx.rate).toFixed(1)} img/s, PyTorch nchw ` +
          `${middle((row) => row.nchw.rate).toFixed(1)}, channels_last ${middle((row) => row.channelsLast.rate).toFixed(1)}; ` +
          `ratio to the better ${middle((row) => row.ecfx.rate / better(row)).toFixed(2)} ` +
          `(${rows.map((row) => (row.ecfx.rate / better(row)).toFixed(2)).join(', ')}); peak memory ecfx ` +
          `${(middle((row) => row.ecfx.memory) / 1e6).toFixed(0)} MB, PyTorch ` +
          `${(middle((row) => Math.min(row.nchw.memory, row.channelsLast.memory)) / 1e6).toFixed(0)} MB`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
