// Typed ESLint. Formatting is prettier's; unused files and exports are knip's; directions are dependency-cruiser's.
import eslint from '@eslint/js';
import perfectionist from 'eslint-plugin-perfectionist';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  [
    'AbortController AbortSignal Buffer URL clearImmediate clearInterval clearTimeout console fetch performance process',
    'queueMicrotask setImmediate setInterval setTimeout structuredClone',
  ]
    .flatMap((names) => names.split(' '))
    .map((name) => [name, 'readonly']),
);

const importOrder = {
  type: 'unsorted',
  groups: [
    'side-effect',
    ['builtin', 'type-builtin'],
    ['external', 'type-external'],
    ['internal', 'type-internal'],
    ['parent', 'sibling', 'index', 'type-parent', 'type-sibling', 'type-index'],
  ],
  internalPattern: ['^@orra-ts/'],
  newlinesBetween: 'ignore',
};

const untyped = {
  '@typescript-eslint/consistent-type-exports': 'off',
  '@typescript-eslint/switch-exhaustiveness-check': 'off',
};

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.nx/', 'reports/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    plugins: { perfectionist },
    rules: {
      // The origin decides; within an origin the order is free. Types stand among the values of their module.
      'perfectionist/sort-imports': ['error', importOrder],
      'no-duplicate-imports': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mts', '**/*.cts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        // The nearest tsconfig.json of each file; those of the packages include their tests.
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // `return refuse(…)` ends a function early and shows that it does, whether or not there is a value.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Packages compile to CommonJS; `require` inside a function loads optional peers and heavy libraries when needed.
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Interfaces of ours are implemented by classes that have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Messages and metadata are dictionaries; their members are taken out by name.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Libraries declare classes where they mean interfaces (winston's transports); structure is what counts here.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Decorated classes and DTOs are the point of this product.
      '@typescript-eslint/no-extraneous-class': 'off',
      // `Task<T>` and the like infer better with a type parameter that appears once.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name; default exports get a new name per importer.',
        },
      ],
    },
  },
  {
    files: ['packages/*/src/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'Entries name every export, so that nothing becomes public unseen.',
        },
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name; default exports get a new name per importer.',
        },
      ],
    },
  },
  {
    // Tests compare JSON that a peer answered, which checks more than a type would; they pass methods to mocks, and throw
    // what nobody should throw.
    files: ['**/*.spec.ts', 'packages/*/test/**/*.ts', 'packages/conformance/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Type tests declare things to see whether they compile, never to use them.
    files: ['packages/*/test/types/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
    },
  },
  // In no project: a tsconfig.json at the root would be read by jest's own loader of this file.
  { files: ['jest.config.ts'], extends: [tseslint.configs.disableTypeChecked], rules: untyped },
  { files: ['examples/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs'], languageOptions: { globals: nodeGlobals } },
  {
    // Bins and tool settings: CommonJS.
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { ...nodeGlobals, require: 'readonly', module: 'writable', exports: 'writable', __dirname: 'readonly' },
    },
  },
);
