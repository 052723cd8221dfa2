import { Type } from '@sinclair/typebox';
import { defineRoute, empty, json } from './route';

const contract = {
  method: 'GET',
  path: '/things/:name',
  summary: 'A thing',
  access: 'project',
  responses: { 200: json(Type.Object({ size: Type.Number() }), 'The thing'), 204: empty('Nothing') },
} as const;

describe('a route', () => {
  it('compiles only with a handler that keeps its contract', () => {
    const routes = [
      defineRoute({ ...contract, handler: ({ params }) => ({ status: 200, body: { size: params.name.length } }) }),
      defineRoute({ ...contract, handler: () => ({ status: 204 }) }),
      // @ts-expect-error -- the body has another type
      defineRoute({ ...contract, handler: () => ({ status: 200, body: { size: 'large' } }) }),
      // @ts-expect-error -- the status is not declared
      defineRoute({ ...contract, handler: () => ({ status: 201, body: { size: 1 } }) }),
      // @ts-expect-error -- the body is missing
      defineRoute({ ...contract, handler: () => ({ status: 200 }) }),
      // @ts-expect-error -- the path has no such parameter
      defineRoute({ ...contract, handler: ({ params }) => ({ status: 200, body: { size: params.id.length } }) }),
      // @ts-expect-error -- the route declares no query
      defineRoute({ ...contract, handler: ({ query }) => ({ status: 200, body: { size: query.limit } }) }),
    ];
    expect(routes.every(({ path }) => path === contract.path)).toBe(true);
  });
});
