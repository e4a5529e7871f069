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

export default {
  testEnvironment: '<rootDir>/test/environment.js',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
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
