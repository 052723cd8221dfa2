import { schemaProblems } from '.';

const good = { type: 'object', properties: { a: { type: 'string' } } };
const problemsOf = (input: unknown): string[] =>
  schemaProblems({ input, output: good }).map(({ path, message }) => `${path}: ${message}`);

it('a schema with all keywords of engines and with unknown members has no problems', () => {
  expect(
    problemsOf({
      type: 'object',
      description: 'An order',
      required: ['lines'],
      properties: {
        lines: { type: 'array', items: { type: 'array', items: good } },
        total: { type: 'number', minimum: 0, maximum: 9.5 },
        when: { type: 'string', format: 'date-time', enum: ['a'] },
        none: { type: 'integer', minimum: null, format: null, required: null },
      },
    }),
  ).toEqual([]);
});

it('every problem is reported with its path', () => {
  expect(
    problemsOf({
      type: 'object',
      required: 'a',
      properties: {
        ref: { $ref: '#/a' },
        union: { type: ['string', 'null'] },
        list: { type: 'array' },
        empty: { type: 'object', properties: {} },
        bounds: { type: 'number', minimum: '0', maximum: true, format: 3 },
        deep: { type: 'array', items: { type: 'object' } },
      },
    }),
  ).toEqual([
    'schema.input.required: required must be a list of strings',
    'schema.input.properties[ref].type: type is required',
    'schema.input.properties[union].type: type must be one of object, string, number, integer, boolean, array',
    'schema.input.properties[list].items: items is required for arrays',
    'schema.input.properties[empty].properties: an object needs at least one property',
    'schema.input.properties[bounds].format: format must be a string',
    'schema.input.properties[bounds].minimum: minimum must be a number',
    'schema.input.properties[bounds].maximum: maximum must be a number',
    'schema.input.properties[deep].items.properties: an object needs at least one property',
  ]);
});

it('both sides are required and must be objects', () => {
  expect(schemaProblems(undefined).map(({ path }) => path)).toEqual(['schema.input.type', 'schema.output.type']);
  expect(problemsOf({ type: 'array', items: good })).toEqual([
    'schema.input.type: type must be object at the top level',
  ]);
});
