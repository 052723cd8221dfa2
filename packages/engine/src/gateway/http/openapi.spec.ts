import { Type } from '@sinclair/typebox';
import { openApiDocument } from './openapi';
import { defineRoute, empty, json } from './route';

const Inner = Type.Object({ name: Type.String() }, { $id: 'Inner' });
const Tree = Type.Recursive((Nested) => Type.Object({ children: Type.Optional(Type.Array(Nested)) }), { $id: 'Tree' });

const routes = [
  defineRoute({
    method: 'GET',
    path: '/trees/:id/leaves/:leaf',
    summary: 'A leaf',
    access: 'project-or-token',
    query: { depth: { description: 'Levels', schema: Type.Integer() } },
    responses: { 200: json(Type.Object({ tree: Tree, inner: Type.Optional(Inner) }), 'The leaf') },
    errors: { 400: 'There is no such leaf' },
    handler: () => ({ status: 200, body: { tree: {} } }),
  }),
  defineRoute({
    method: 'POST',
    path: '/trees',
    summary: 'Plants a tree',
    access: 'public',
    body: { schema: Inner, decode: () => ({ name: 'oak' }) },
    responses: { 204: empty('Planted') },
    handler: () => ({ status: 204 }),
  }),
];

describe('the OpenAPI document', () => {
  const { paths, components } = openApiDocument(routes) as never as { paths: never; components: { schemas: object } };
  const at = (path: string, method: string): Record<string, unknown> => paths[path][method];

  it('lists the parameters of path and query, and how a client may authenticate', () => {
    expect(at('/trees/{id}/leaves/{leaf}', 'get')).toMatchObject({
      summary: 'A leaf',
      security: [{ bearer: [] }, { readToken: [] }],
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'leaf', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'depth', in: 'query', description: 'Levels', schema: { type: 'integer' } },
      ],
    });
    expect(at('/trees', 'post')).toMatchObject({ security: [] });
  });

  it('refers to named schemas, also to one that contains itself', () => {
    expect(at('/trees', 'post')).toMatchObject({
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Inner' } } },
      },
    });
    expect(components.schemas).toMatchObject({
      Tree: { properties: { children: { items: { $ref: '#/components/schemas/Tree' } } } },
      Inner: { type: 'object', required: ['name'] },
    });
  });

  it('adds the errors that follow from access and body to those of the route', () => {
    const leaf = at('/trees/{id}/leaves/{leaf}', 'get')['responses'] as Record<string, { description: string }>;
    expect(Object.keys(leaf)).toEqual(['200', '400', '403', 'default']);
    expect(leaf['400']?.description).toBe('No project has this key; There is no such leaf');
    expect(leaf['403']).not.toHaveProperty('content');
    expect(Object.keys(at('/trees', 'post')['responses'] as object)).toEqual(['204', '400', '413', 'default']);
  });
});
