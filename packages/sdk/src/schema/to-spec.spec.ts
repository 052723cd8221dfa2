import * as fc from 'fast-check';
import { ANY_VALUE, maskSensitive, schemaProblems, sensitivePaths } from '@orra-ts/protocol';
import { toSpec } from './to-spec';

const object = (properties: Record<string, unknown>, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'object',
  properties,
  ...rest,
});
const propertyOf = (property: unknown): unknown =>
  toSpec(object({ p: property }), { side: 'output' }).spec.properties?.['p'];
const lossesOf = (schema: Record<string, unknown>, side: 'input' | 'output' = 'output'): readonly string[] =>
  toSpec(schema, { side }).unsupportedKeywords;

describe('a spec', () => {
  it('resolves references in place', () => {
    const schema = object(
      { to: { $ref: '#/$defs/Line', description: 'where' }, all: { type: 'array', items: { $ref: '#/$defs/Line' } } },
      { $defs: { Line: object({ street: { type: 'string' } }, { required: ['street'] }) } },
    );
    const line = { type: 'object', properties: { street: { type: 'string' } }, required: ['street'] };
    expect(toSpec(schema, { side: 'output' }).spec).toEqual({
      type: 'object',
      properties: { to: { ...line, description: 'where' }, all: { type: 'array', items: line } },
    });
  });

  it('reads definitions of draft-07 and escaped names', () => {
    const schema = object({ a: { $ref: '#/definitions/x~1y%20z' } }, { definitions: { 'x/y z': { type: 'integer' } } });
    expect(toSpec(schema, { side: 'output' }).spec.properties).toEqual({ a: { type: 'integer' } });
  });

  it.each([
    ['nullable type', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    ['nullable union', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'integer', nullable: true }],
    ['enum without a type', { enum: ['a', 'b', null] }, { type: 'string', nullable: true, enum: ['a', 'b', null] }],
    ['numeric enum', { enum: [0, 1] }, { type: 'integer', enum: [0, 1] }],
    ['constant', { const: true }, { type: 'boolean', const: true }],
    ['union of constants', { anyOf: [{ const: 'a' }, { const: 'b' }] }, { type: 'string', enum: ['a', 'b'] }],
    ['bounds', { type: 'number', minimum: 1, maximum: 9 }, { type: 'number', minimum: 1, maximum: 9 }],
    ['fractional bound', { type: 'number', minimum: 0.5, maximum: 1e300 }, { type: 'number' }],
    ['array of anything', { type: 'array' }, { type: 'array', items: ANY_VALUE }],
    ['open tuple', { type: 'array', prefixItems: [{ type: 'integer' }] }, { type: 'array', items: ANY_VALUE }],
    [
      'tuple',
      { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false },
      { type: 'array', items: { type: 'integer', 'x-types': ['integer', 'string'] } },
    ],
    ['anything', {}, ANY_VALUE],
    ['union of types', { type: ['integer', 'string'] }, { type: 'integer', 'x-types': ['integer', 'string'] }],
    ['mixed enum', { enum: ['a', 1] }, { type: 'string', 'x-types': ['string', 'integer'], enum: ['a', 1] }],
    ['only null', { type: 'null' }, { type: 'string', 'x-types': [], nullable: true }],
    [
      'union of an object and a string',
      { anyOf: [object({ q: { type: 'number' } }), { type: 'string', minLength: 2 }] },
      { type: 'object', 'x-types': ['object', 'string'], properties: { q: { type: 'number' } }, minLength: 2 },
    ],
    [
      'union of bounds',
      {
        anyOf: [
          { type: 'integer', minimum: 1, maximum: 5 },
          { type: 'number', minimum: -3 },
        ],
      },
      { type: 'number', minimum: -3 },
    ],
    [
      'declared and other members',
      object({ a: { type: 'string' } }, { additionalProperties: { type: 'integer' } }),
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'integer' } },
    ],
    ['open object', { type: 'object' }, { type: 'object', properties: { '<key>': ANY_VALUE } }],
    [
      'record',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object', properties: { '<key>': { type: 'integer' } } },
    ],
    [
      'intersection',
      {
        allOf: [
          object({ a: { type: 'string' } }, { required: ['a'] }),
          object({ b: { type: 'string' } }, { required: ['b'] }),
        ],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
    ],
    [
      'union of objects',
      {
        oneOf: [
          object({ a: { type: 'string' }, k: { const: 1 } }, { required: ['a', 'k'] }),
          object({ k: { const: 2 } }, { required: ['k'] }),
        ],
      },
      // The second branch accepts any value in a member that it does not declare.
      { type: 'object', properties: { a: ANY_VALUE, k: { type: 'integer', enum: [1, 2] } }, required: ['k'] },
    ],
    [
      'union of closed objects',
      {
        anyOf: [
          object({ a: { type: 'string' } }, { additionalProperties: false }),
          object({ b: { type: 'integer' } }, { additionalProperties: false }),
        ],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } },
    ],
    [
      'description',
      { type: 'string', description: 'd', examples: ['e'] },
      { type: 'string', description: 'd', examples: ['e'] },
    ],
  ])('%s', (_, property, expected) => {
    expect(propertyOf(property)).toEqual(expected);
  });

  it('expands a recursion once and then omits it', () => {
    const schema = object(
      { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
      { required: ['name', 'children'] },
    );
    const { spec, unsupportedKeywords } = toSpec(schema, { side: 'output' });
    expect(spec).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' } },
            required: ['name'],
            additionalProperties: true,
          },
        },
      },
      required: ['name', 'children'],
    });
    expect(unsupportedKeywords).toEqual(['output: children[].children[]: contains itself; deeper levels are omitted']);
  });

  it('handles a schema of recursion only, and unresolvable references', () => {
    const node = object({ next: { $ref: '#' } });
    expect(
      schemaProblems({ input: toSpec(node, { side: 'input' }).spec, output: toSpec(node, { side: 'output' }).spec }),
    ).toEqual([]);
    expect(propertyOf({ $ref: '#/$defs/Missing' })).toEqual(ANY_VALUE);
    expect(propertyOf({ $ref: '#/properties/p' })).toBeUndefined();
  });

  it('is accepted by an engine for any schema', () => {
    const leaf = fc.constantFrom<Record<string, unknown>>(
      { type: 'string' }, { type: ['integer', 'null'] }, {}, { enum: [1, 'a'] }, { type: 'object' }, { type: 'array' },
      { $ref: '#' }, { $ref: '#/$defs/D' }, { type: 'number', minimum: 0.1 }, { type: 'null' },
    ); // prettier-ignore
    const { schema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), tie('schema'), { maxKeys: 3 }).map((p) => object(p)),
        tie('schema').map((items) => ({ type: 'array', items })),
        fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
        fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((allOf) => ({ allOf })),
      ),
    }));
    fc.assert(
      fc.property(schema, schema, (property, D) => {
        const root = object({ p: property, q: { type: 'string' } }, { $defs: { D } });
        const { spec } = toSpec(root, { side: 'input' });
        expect(schemaProblems({ input: spec, output: spec })).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('unsupportedKeywords', () => {
  it('are reported once per kind, with their paths', () => {
    expect(
      lossesOf(object({ a: { enum: ['x'] }, b: object({ c: { enum: ['y'] } }), d: { type: 'number', minimum: 0.5 } })),
    ).toEqual([
      'output: a, b.c: enum is not kept by the Go engine',
      'output: d: minimum 0.5 is not an integer and is not registered',
    ]);
  });

  it('are left to the service if our engine does not check them either', () => {
    const schema = object({
      a: { enum: ['x'] },
      b: { type: 'string', pattern: '^x' },
      c: { anyOf: [object({ d: { type: 'string' } }), object({ e: { type: 'string' } })] },
    });
    expect(toSpec(schema, { side: 'input' }).leftToService).toEqual([
      'input: b: pattern is checked by the service',
      'input: c: one of several shapes; registered with the properties of all of them',
    ]);
  });

  it('list the optional members of an input, which a plan must set on the Go engine', () => {
    const schema = object({ a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } }, { required: ['b'] });
    expect(lossesOf(schema, 'input')).toEqual([
      'input: a, c: optional here, but the Go engine requires plans to set every declared property of an input',
    ]);
    expect(lossesOf(schema, 'output')).toEqual([]);
  });
});

describe('a sensitive member stays sensitive where the spec is less specific than the schema', () => {
  const secret = { type: 'string', 'x-sensitive': true };
  it.each([
    ['in one branch of a union', { anyOf: [{ type: 'string' }, secret] }],
    ['in a union with any value', { anyOf: [{}, object({ number: secret })] }],
    ['as the value of any other member', { type: 'object', additionalProperties: { 'x-sensitive': true } }],
  ])('%s', (_where, property) => {
    expect(sensitivePaths(toSpec(object({ p: property }), { side: 'input' }).spec)).toEqual([
      expect.stringMatching(/^p/),
    ]);
  });

  it('below the level at which a recursive schema is cut', () => {
    const node = object({ name: secret, next: { $ref: '#/$defs/Node' } });
    const { spec } = toSpec(object({ p: { $ref: '#/$defs/Node' } }, { $defs: { Node: node } }), { side: 'input' });
    const deep = (level: number): object => ({ name: `n${level}`, ...(level < 8 && { next: deep(level + 1) }) });
    expect(JSON.stringify(maskSensitive({ p: deep(0) }, spec))).not.toMatch(/"n\d"/);
  });
});
