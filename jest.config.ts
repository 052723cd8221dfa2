/** @jest-config-loader-options {"transpileOnly": true} */
import type { Config } from 'jest';

const transform: Config['transform'] = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        keepClassNames: true,
        parser: { syntax: 'typescript', decorators: true },
        // No decorator metadata: our packages must not rely on it, and tests would hide it if they did.
        transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
      },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

const config: Config = {
  projects: [
    {
      // Every package from its sources: unit tests beside the file, integration tests in `test/`.
      displayName: 'source',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/packages/*/src/**/*.spec.ts', '<rootDir>/packages/*/test/**/*.int.spec.ts'],
      transform,
      moduleNameMapper: {
        '^@orra-ts/([a-z]+)$': '<rootDir>/packages/$1/src',
        '^@orra-ts/([a-z]+)/([a-z-]+)$': '<rootDir>/packages/$1/src/$2',
      },
    },
    {
      // SDK and engine together, and everything that starts processes: from `dist`, as a user has it.
      displayName: 'built',
      testEnvironment: 'node',
      testMatch: [
        '<rootDir>/packages/conformance/**/*.e2e.spec.ts',
        '<rootDir>/packages/simulation/test/**/*.e2e.spec.ts',
        '<rootDir>/examples/*/test/**/*.e2e.spec.ts',
      ],
      transform,
    },
  ],
  // All cores: many tests wait for processes. In CI, jest would leave one core unused.
  maxWorkers: '100%',
  testTimeout: 30_000,
};

export default config;
