/** What may import what: the layers of the program, bottom to top, each with the layers that it may use. */
const layers = {
  'src/graph': [],
  'src/operators': ['src/graph'],
  'src/models': ['src/graph', 'src/operators'],
  'src/gradients': ['src/graph', 'src/operators', 'src/models'],
  'src/analysis': ['src/graph', 'src/operators', 'src/models', 'src/gradients'],
  'src/engines': ['src/graph', 'src/operators'],
  'src/results': [],
  'src/bench': [
    'src/graph',
    'src/operators',
    'src/models',
    'src/gradients',
    'src/analysis',
    'src/engines',
    'src/results',
  ],
  'src/references': ['src/graph', 'src/operators', 'src/models', 'src/analysis', 'src/results'],
  reports: [
    'src/graph',
    'src/operators',
    'src/models',
    'src/gradients',
    'src/analysis',
    'src/bench',
    'src/references',
    'src/results',
  ],
  'src/cli': [],
};

/** Used by every layer, and using none. */
const foundations = ['^src/[^/]+\\.ts$', '^src/mathematics/'];

const inside = (/** @type {string} */ folder) => `^${folder}/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `layer ${layer}`,
      comment: `${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other layer'}, and the foundations`,
      severity: /** @type {const} */ ('error'),
      from: { path: inside(layer) },
      to: {
        path: '^(src/[^/]+|reports|commands)/',
        pathNot: [...foundations, ...[layer, ...allowed].map(inside)],
      },
    })),
    {
      name: 'foundations stand alone',
      comment: 'what every layer may use uses no layer',
      severity: 'error',
      from: { path: foundations },
      to: { path: '^(src/[^/]+|reports|commands)/' },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no tests in the program',
      severity: 'error',
      from: { path: '^(src|reports|commands)/' },
      to: { path: '^(tests|scripts)/' },
    },
    {
      name: 'all imports resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^reports/page/client/' },
    // Importing a type from a higher layer is a dependency too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
