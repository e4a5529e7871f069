/** Run by `npm test`, which sets NODE_OPTIONS=--experimental-vm-modules (Nest 12 is ESM only). */
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

const common = {
  testEnvironment: '<rootDir>/test/environment.js',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test', '<rootDir>/tools'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: {
    '^@regatta/engine/ops$': '<rootDir>/libs/engine/src/ops/index.ts',
    '^@regatta/models/shapes$': '<rootDir>/libs/models/src/shapes/index.ts',
    '^@regatta/cli$': '<rootDir>/apps/cli/src/index.ts',
    '^@regatta/(client|collective|config|contracts|engine|models|random|storage|text|training)$':
      '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
};

/** `unit`: beside the files. `whole`: real processes, servers and a browser, each file's own. */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'whole',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/support/limits.ts'],
    },
  ],
};
