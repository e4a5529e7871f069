/** Who may import whom (docs/architecture.md): every room and what it may reach; nothing else. */
const rooms = {
  'apps/api': ['libs/contracts', 'libs/config', 'libs/storage', 'libs/text', 'libs/models/src/shapes'],
  'apps/worker': [
    'libs/contracts',
    'libs/config',
    'libs/storage',
    'libs/collective',
    'libs/training',
    'libs/engine',
    'libs/models',
    'libs/text',
    'libs/random',
  ],
  'apps/dashboard': ['libs/contracts', 'libs/client'],
  'apps/cli': ['libs/contracts', 'libs/client'],
  'libs/contracts': [],
  'libs/config': [],
  'libs/random': [],
  'libs/client': ['libs/contracts'],
  'libs/models': ['libs/engine/src/ops'],
  'libs/text': ['libs/contracts', 'libs/random'],
  'libs/engine': ['libs/random'],
  'libs/collective': ['libs/contracts', 'libs/random'],
  'libs/storage': ['libs/contracts'],
  'libs/training': [
    'libs/contracts',
    'libs/models',
    'libs/text',
    'libs/engine',
    'libs/collective',
    'libs/storage',
    'libs/random',
  ],
};

/** Packages are found by their folder's `dist`, sources by `src`: a rule means both. */
const place = (room) => `^${room.replace('/src/', '/(src|dist)/')}(/|$)`;

const boundaries = Object.entries(rooms).map(([room, reach]) => ({
  name: `${room.replace('/', '-')}-reaches-only-its-rooms`,
  severity: 'error',
  from: { path: place(room), pathNot: '\\.spec\\.tsx?$' },
  to: { path: '^(apps|libs)/', pathNot: [place(room), ...reach.map(place)] },
}));

const never = (name, from, packages) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.spec\\.tsx?$' },
  to: { path: `node_modules/(${packages.join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...boundaries,
    never('the-api-loads-no-tensor-library', '^apps/api/', ['@tensorflow', 'onnxruntime-node']),
    never('the-agent-loads-no-tensor-library', '^apps/worker/src/agent/', ['@tensorflow', 'onnxruntime-node']),
    never('only-the-api-knows-the-database', '^(apps/(worker|cli|dashboard)|libs)/', ['@prisma', 'pg']),
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { pathNot: 'dashboard/vite' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/generated/', '\\.tsbuildinfo$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
