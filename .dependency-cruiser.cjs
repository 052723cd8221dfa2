// Which way the packages point. The rules follow imports into `dist` of the other packages, so build first.
const SIBLINGS = {
  protocol: [],
  common: ['protocol'],
  client: ['protocol', 'common'],
  sdk: ['protocol', 'common', 'client'],
  engine: ['protocol', 'common'],
  nestjs: ['protocol', 'common', 'sdk', 'engine'],
  cli: ['protocol', 'common', 'client', 'engine'],
  fakes: ['protocol', 'common'],
  testing: ['protocol', 'common', 'client', 'sdk', 'engine', 'fakes'],
};

/** What a package's own tests may use beside: the doubles, and what nothing else can test against. */
const TESTS_ALSO = ['fakes', 'testing'];

const SPEC = '\\.spec\\.ts$|^packages/[^/]+/test/';

const directions = Object.entries(SIBLINGS).flatMap(([name, allowed]) => [
  {
    name: `${name}-points-one-way`,
    comment: `${name} may import ${allowed.length ? allowed.join(', ') : 'no other package'} of ours.`,
    severity: 'error',
    from: { path: `^packages/${name}/(src|bin)/`, pathNot: SPEC },
    to: { path: `^packages/(?!(${[name, ...allowed].join('|')})/)` },
  },
  {
    name: `${name}-tests-point-one-way`,
    comment: `Tests of ${name} may import what ${name} may, and ${TESTS_ALSO.join(', ')}; all others belong in conformance.`,
    severity: 'error',
    from: { path: `^packages/${name}/(src/.*\\.spec\\.ts$|test/)` },
    to: { path: `^packages/(?!(${[name, ...allowed, ...TESTS_ALSO].join('|')})/)` },
  },
]);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'sdk-and-engine-never-meet',
      comment: 'They meet in protocol alone. Tests of both together live in packages/conformance.',
      severity: 'error',
      from: { path: '^packages/(sdk|engine)/' },
      to: { path: '^packages/(?!$1/)(sdk|engine)/' },
    },
    {
      name: 'nestjs-has-the-engine-in-its-test-module-only',
      comment: 'The engine is an optional peer; applications connect to a running one.',
      severity: 'error',
      from: { path: '^packages/nestjs/src/', pathNot: '^packages/nestjs/src/testing\\.ts$' },
      to: { path: '^packages/engine/' },
    },
    {
      name: 'sdk-internal-is-for-our-packages',
      comment: 'Applications, examples and other packages import `@orra-ts/sdk`; what they lack belongs there.',
      severity: 'error',
      from: { pathNot: '^packages/(sdk|nestjs|testing|conformance|simulation)/' },
      to: { path: '^packages/sdk/dist/internal\\.' },
    },
    {
      name: 'engine-internal-is-for-the-simulation',
      comment: 'All others use the engine as users do: `createEngine`, HTTP and WebSocket.',
      severity: 'error',
      from: { pathNot: '^packages/(engine|simulation)/' },
      to: { path: '^packages/engine/dist/internal\\.' },
    },
    {
      name: 'no-built-ins-in-protocol-and-domain',
      comment: 'The protocol runs in browsers; the domain decides from its arguments, without clock, files or sockets.',
      severity: 'error',
      from: { path: '^packages/(protocol/src|engine/src/domain)/', pathNot: SPEC },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'common-loads-in-browsers',
      comment:
        'Clients of the engine run in browsers. Code that needs Node belongs behind `common/files` or `common/process`.',
      severity: 'error',
      from: {
        path: '^packages/common/src/',
        pathNot: [
          SPEC,
          '^packages/common/src/(files|atomic-write|file-lock|lock-holder|process-identity|process|process-output|axios|winston)\\.ts$',
        ],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'domain-is-pure',
      comment: 'The domain knows nothing of the rooms around it: they call it, never the other way.',
      severity: 'error',
      from: { path: '^packages/engine/src/domain/', pathNot: SPEC },
      to: { path: '^packages/engine/src/(?!domain/)' },
    },
    {
      name: 'packages-only-through-their-exports',
      comment: 'Import the other package by name; its files may move.',
      severity: 'error',
      from: { path: '^(?:packages|examples)/([^/]+)/' },
      to: { path: '^packages/(?!$1/)[^/]+/(?!dist/)' },
    },
    {
      name: 'examples-use-what-users-use',
      comment: 'An example imports published packages by name, never another example.',
      severity: 'error',
      from: { path: '^examples/([^/]+)/' },
      to: { path: '^examples/(?!$1/)' },
    },
    {
      name: 'no-cycles',
      comment:
        'Files that need each other at run time see each other half loaded. Break one direction, or make it `import type`.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: SPEC },
      to: { path: SPEC },
    },
    {
      name: 'no-development-dependencies-in-sources',
      comment: 'What a published file imports must be among the dependencies or peers of its package.',
      severity: 'error',
      from: { path: '^packages/(?!conformance/)[^/]+/(src|bin)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'everything-resolves',
      comment: 'Misspelt, not exported by its package, or the packages have not been built.',
      severity: 'error',
      from: {},
      // Built-ins newer than the Node that runs this check, such as node:sqlite.
      to: { couldNotResolve: true, pathNot: '^node:' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // Without this, imports that are types only would escape the rules.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      mainFields: ['main', 'types'],
    },
  },
};
