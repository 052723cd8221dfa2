/** Errors if class-validator and class-transformer, which are optional, are missing or installed twice. */
import 'reflect-metadata';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as installed from 'class-transformer';
import { IsArray, IsInt, IsString, ValidateNested } from 'class-validator';
import { defineService, jsonSchema, type ValidatorModules } from '@orra-ts/sdk';
import { exploreServices } from '@orra-ts/sdk/internal';

const any = jsonSchema<{ a?: string }>({ type: 'object', properties: { a: { type: 'string' } } });
const explore = (input: abstract new (...args: never[]) => object, validatorModules?: ValidatorModules) =>
  exploreServices(
    [defineService({ name: 'svc', description: 'Does', input, output: any }, () => ({}))],
    validatorModules ? { validatorModules } : {},
  );

describe('two copies of class-transformer', () => {
  let folder: string;
  let other: typeof installed;
  let entry: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'orra-copies-')));
    const copy = join(folder, 'node_modules', 'class-transformer');
    cpSync(dirname(require.resolve('class-transformer/package.json')), copy, { recursive: true });
    entry = join(copy, 'cjs', 'index.js');
    other = require(entry) as typeof installed;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function orderOf({ Type }: typeof installed): new () => { items: object[] } {
    class Item {
      @IsInt() count!: number;
    }
    class Order {
      @IsArray() @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
    }
    return Order;
  }

  it('a type recorded by the other copy is reported at boot, with both paths', () => {
    const { problems } = explore(orderOf(other), { classTransformer: installed });
    expect(problems).toMatchObject([
      { where: 'defineService("svc")', field: 'input Order.items', fix: expect.stringContaining('npm dedupe') },
    ]);
    expect(problems[0]?.message).toContain(entry);
    expect(problems[0]?.message).toContain(require.resolve('class-transformer'));
  });

  it.each<[string, () => ValidatorModules]>([
    ['as its CommonJS exports', () => ({ classTransformer: other })],
    ['as the namespace of an ES module', () => ({ classTransformer: Object.freeze({ ...other, default: other }) })],
    ['as a namespace that has only a default', () => ({ classTransformer: { default: other } as never })],
    [
      'with its storage, if its decorators cannot be observed',
      () => {
        const { defaultMetadataStorage } = require(join(dirname(entry), 'storage.js')) as {
          defaultMetadataStorage: NonNullable<ValidatorModules['classTransformerStorage']>;
        };
        return { classTransformer: unobservable(other), classTransformerStorage: defaultMetadataStorage };
      },
    ],
  ])('the copy passed as an option is used: %s', (_, modules) => {
    const { definitions, problems } = explore(orderOf(other), modules());
    expect(problems).toEqual([]);
    const accepted = definitions[0]?.definition.input.accept({ items: [{ count: 1 }] }) as {
      value: { items: object[] };
    };
    expect(accepted.value.items.map((item) => item.constructor.name)).toEqual(['Item']);
  });
});

const unobservable = (copy: typeof installed): typeof installed => ({ ...copy, Type: () => () => undefined });

it('decorators that cannot be observed are a problem at boot, which names the fallback', () => {
  class Item {
    @IsInt() count!: number;
  }
  class Order {
    @ValidateNested() @installed.Type(() => Item) item!: Item;
  }
  const { problems } = explore(Order, { classTransformer: unobservable(installed) });
  expect(problems).toMatchObject([
    {
      field: 'input Order.item',
      message: expect.stringContaining('cannot be read'),
      fix: expect.stringContaining('classTransformerStorage'),
    },
  ]);
});

describe('without class-validator or class-transformer', () => {
  class Dto {
    @IsString() a!: string;
  }
  type Sdk = typeof import('@orra-ts/sdk') & typeof import('@orra-ts/sdk/internal');

  function withoutPeer<T>(name: string, use: (sdk: Sdk) => T): T {
    jest.resetModules();
    jest.doMock(name, () => {
      throw new Error(`Cannot find module '${name}'`);
    });
    try {
      return use({ ...require('@orra-ts/sdk'), ...require('@orra-ts/sdk/internal') } as Sdk);
    } finally {
      jest.dontMock(name);
    }
  }

  it.each(['class-validator', 'class-transformer'])('a DTO class names what to install: %s', (name) => {
    const problems = withoutPeer(name, (sdk) => {
      const service = sdk.defineService({ name: 'svc', description: 'Does', input: Dto, output: any }, () => ({}));
      return sdk.exploreServices([service]).problems;
    });
    expect(problems).toEqual([
      {
        where: 'defineService("svc")',
        field: 'input',
        message: `classes as input and output require ${name}, which is not installed`,
        fix: 'npm install class-validator class-transformer',
      },
    ]);
  });

  it('services without DTO classes need neither package', () => {
    const problems = withoutPeer(
      'class-validator',
      (sdk) =>
        sdk.exploreServices([
          sdk.defineService({ name: 'svc', description: 'Does', input: any, output: any }, () => ({})),
        ]).problems,
    );
    expect(problems).toEqual([]);
  });
});
