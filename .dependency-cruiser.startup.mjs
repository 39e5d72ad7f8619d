import layers from './.dependency-cruiser.mjs';

/**
 * What every start of the program loads: the static imports of a command, types left out.
 *
 * The modules forbidden here cost a tenth of a second or more each. They belong behind an `await import()` in the
 * one file that adapts them.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'commands start fast',
      severity: 'error',
      from: { path: '^(commands|src/cli)/' },
      to: { path: '(^|/)node_modules/(onnxruntime-|@tensorflow/|vega|@resvg/)', reachable: true },
    },
  ],
  options: {
    ...layers.options,
    tsPreCompilationDeps: false,
    exclude: { path: '^reports/page/client/', dynamic: true },
  },
};
