/** `/openapi.json` against the routes that the application has. */
import { silentLogger } from '@orra-ts/common';
import { createEngine } from '../src';
import { createHttpApp } from '../src/gateway/http-app';
import type { RouteDependencies } from '../src/gateway/http/route';
import { ApiContract } from './support/api-contract';

let contract: ApiContract;
beforeAll(async () => {
  const engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
  const response = await fetch(`${engine.url}/openapi.json`);
  contract = new ApiContract((await response.json()) as never);
  await engine.close();
});

/** Says nothing about a value, or only that it is an object or an array. */
function isBare(schema: Readonly<Record<string, unknown>>): boolean {
  const words = Object.keys(schema).filter((word) => !['type', 'description', 'title'].includes(word));
  return words.length === 0 && !['string', 'integer', 'number', 'boolean'].includes(schema['type'] as string);
}

describe('the document', () => {
  it('has every route of the application, and no other', () => {
    const { routes } = createHttpApp({} as RouteDependencies);
    const served = routes
      .filter(({ path }) => path !== '/*')
      .map(({ method, path }) => `${method === 'ALL' ? 'GET' : method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(contract.operations.map(({ name }) => name).sort()).toEqual(served.sort());
    expect(served.length).toBeGreaterThan(30);
  });

  it('has a schema for every response with a body, and none is empty or a bare object', () => {
    const bare = contract.operations.flatMap(({ name, responses }) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        Object.values(content ?? {})
          .flatMap((media) => [media.schema, ...(media['x-event-data'] ? [media['x-event-data']] : [])])
          .filter((schema) => isBare(contract.resolve(schema)))
          .map(() => `${name} ${status}`),
      ),
    );
    expect(bare).toEqual([]);
    const bodiless = contract.operations.flatMap(({ name, responses }) =>
      Object.entries(responses)
        .filter(([, { content }]) => content === undefined)
        .map(([status]) => `${status} ${name}`),
    );
    expect([...new Set(bodiless.map((entry) => entry.slice(0, 3)))].sort()).toEqual(['101', '204', '403']);
  });

  it('has an error body for every status of 400 or more, except the empty 403 and the plain text of `/ws`', () => {
    const other = contract.operations.flatMap(({ name, responses }) =>
      Object.entries(responses)
        .filter(([status, { content }]) => {
          const schema = content?.['application/json']?.schema;
          return Number(status) >= 400 && status !== '403' && schema?.['$ref'] !== '#/components/schemas/Error';
        })
        .map(([status]) => `${name} ${status}`),
    );
    expect(other).toEqual(['GET /ws 400', 'GET /ws 405']);
  });
});
