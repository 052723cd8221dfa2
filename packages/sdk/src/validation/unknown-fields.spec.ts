import * as fc from 'fast-check';
import { unknownFieldsWalker } from './unknown-fields';

const schema = {
  type: 'object',
  properties: {
    a: { type: 'string' },
    child: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    items: { type: 'array', items: { $ref: '#/$defs/Item' } },
    open: { type: 'object' },
    record: { type: 'object', additionalProperties: { $ref: '#/$defs/Item' } },
    either: { anyOf: [{ type: 'object', properties: { x: {} } }, { type: 'string' }, { type: 'number' }] },
    shape: {
      oneOf: [
        { $ref: '#/$defs/Item', properties: { kind: { const: 'item' } } },
        { type: 'object', properties: { kind: { const: 'other' }, y: {} } },
      ],
      discriminator: { propertyName: 'kind' },
    },
  },
  $defs: { Item: { type: 'object', properties: { id: { type: 'integer' } } } },
};
const walker = unknownFieldsWalker(schema);

const value = {
  a: '1',
  extra: 1,
  child: { a: '2', extra: 2, child: null },
  items: [{ id: 1 }, { id: 2, extra: 3 }],
  open: { any: { thing: 1 } },
  record: { k: { id: 1, extra: 4 } },
  either: { x: 1, kept: 1 },
  shape: { kind: 'item', id: 1, y: 5 },
};

it('strips only unknown members, at every depth', () => {
  expect(walker.strip(value)).toEqual({
    a: '1',
    child: { a: '2', child: null },
    items: [{ id: 1 }, { id: 2 }],
    open: { any: { thing: 1 } },
    record: { k: { id: 1 } },
    either: { x: 1, kept: 1 },
    shape: { kind: 'item', id: 1 },
  });
});

it('lists the paths of the same members', () => {
  expect(walker.list(value)).toEqual(['extra', 'child.extra', 'items[1].extra', 'record.k.extra', 'shape.y']);
});

it('a value without unknown members is not copied', () => {
  const known = { a: '1', child: { a: '2' }, items: [{ id: 1 }] };
  expect(walker.strip(known)).toBe(known);
});

it('does not change its argument, accepts any value, and leaves no unknown members', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (child, item) => {
      const given = { a: 1, b: 2, child, items: [item] };
      const before = JSON.stringify(given);
      expect(walker.list(walker.strip(given))).toEqual([]);
      expect(JSON.stringify(given)).toBe(before);
    }),
  );
});

it('a member called __proto__ is unknown like any other', () => {
  const stripped = walker.strip(JSON.parse('{"__proto__":{"a":"polluted"}}')) as { a?: string };
  expect([Object.keys(stripped), stripped.a]).toEqual([[], undefined]);
});
