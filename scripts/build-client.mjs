/**
 * Bundles the report page's client into dist/reports/page/client.js, with the licences of what it contains beside it.
 * With `--notices`, writes THIRD-PARTY-NOTICES.md too, which is committed.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'dist', 'reports', 'page');

/** What Vega brings along and no figure of ours uses; a quarter of the script, which is in every page. */
const unused = /^vega-(?:crossfilter|force|geo|hierarchy|label|regression|voronoi|wordcloud)$/;

/** @type {import('esbuild').Plugin} */
const withoutUnused = {
  name: 'without unused transforms',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'export {};' }));
  },
};

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['reports/page/client/client.ts'],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  // Vega tries for node-canvas when there is no browser; here there is one.
  external: ['canvas'],
  plugins: [withoutUnused],
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  write: false,
  outdir: 'dist/reports/page',
});
const script = outputFiles[0]?.text ?? '';
const notices = await licences(metafile);

await mkdir(output, { recursive: true });
await replaceFile(join(output, 'client.js'), script);
await replaceFile(join(output, 'client-notices.txt'), notices);
if (process.argv.includes('--notices')) {
  const licence = (await readFile(join(root, 'fonts', 'LICENSE.md'), 'utf8')).trim();
  const font = `Pictures that ecfx writes are set in Source Sans 3 (fonts/), which has the licence:\n\n\`\`\`text\n${licence}\n\`\`\`\n`;
  const introduction =
    'The report pages that ecfx writes contain a script with code of the following packages. Their licences:';
  await replaceFile(
    join(root, 'THIRD-PARTY-NOTICES.md'),
    `# Third-party notices\n\n${introduction}\n\n\`\`\`text\n${notices}\`\`\`\n\n${font}`,
  );
}

/**
 * The licence of each package of which code ended up in the bundle; equal texts once, under all their packages.
 *
 * @param {import('esbuild').Metafile} metafile
 * @returns {Promise<string>}
 */
async function licences({ outputs }) {
  const inputs = Object.values(outputs).flatMap((file) =>
    Object.entries(file.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
  const folders = new Set(
    inputs.flatMap(
      (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.replaceAll('\\', '/'))?.[0] ?? [],
    ),
  );
  /** @type {Map<string, string[]>} */
  const packagesOf = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = /** @type {{ name: string, version: string, license?: string }} */ (
      JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
    );
    const file = (await readdir(join(root, folder))).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (file === undefined)
      throw new Error(`${name} ${version} is bundled and has no licence file (${license ?? 'unknown'}).`);
    const text = (await readFile(join(root, folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${name} ${version}`]);
  }
  return [...packagesOf]
    .map(([text, packages]) => `${packages.join(', ')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(79)}\n\n`);
}

/**
 * Whole or not at all: reports may be written while this builds.
 *
 * @param {string} path
 * @param {string} text
 */
async function replaceFile(path, text) {
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
