/** Sources are TypeScript with `.ts` imports; swc strips the types, Node's own ESM loader does the rest. */
export default {
  // Some suites change what is server-wide in the database, and others read it.
  maxWorkers: 1,
  // Tests wait for events; this only ends one that hangs, also on a machine that is busy.
  testTimeout: 30_000,
  testMatch: ['**/*.test.ts'],
  // Needs stubs, and other languages to generate them: `make test-polyglot`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/polyglot/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', keepClassNames: true },
        module: { type: 'es6' },
      },
    ],
  },
}
