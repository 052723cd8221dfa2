import { requireLegacy } from './require-legacy';
import { Describe, Field, Handler, OrraAgent, OrraService, RevertHandler } from '..';

/** A decorator of the SDK, as a compiler calls it that emits standard decorators. */
type Standard = (value: unknown, context: { readonly kind: string; readonly name: string }) => unknown;
const schema = { type: 'object' } as never;

it.each<[string, unknown, 'class' | 'method' | 'field']>([
  ['@OrraService', OrraService({ name: 'shop', description: 'Sells' }), 'class'],
  ['@OrraAgent', OrraAgent({ name: 'shop', description: 'Sells' }), 'class'],
  ['@Handler', Handler({ input: schema, output: schema }), 'method'],
  ['@RevertHandler', RevertHandler(), 'method'],
  ['@Field', Field({ description: 'what' }), 'field'],
  ['@Field', Describe('what'), 'field'],
])('%s as a standard decorator is refused with the setting to change', (name, decorator, kind) => {
  const apply = (): unknown =>
    (decorator as Standard)(kind === 'field' ? undefined : class {}, { kind, name: 'member' });
  expect(apply).toThrow(
    expect.objectContaining({
      code: 'ORRA_UNSUPPORTED_DECORATOR',
      message: expect.stringMatching(
        new RegExp(`^${name} on the ${kind} "member" was compiled as a standard .*"experimentalDecorators": true`),
      ),
    }),
  );
});

it.each([
  ['a property', 'name'],
  ['a symbol', Symbol('name')],
  ['a class', undefined],
])('accepts the second argument of a legacy decorator: %s', (_, key) => {
  expect(() => requireLegacy('@Field', key)).not.toThrow();
});
