import { sdkError } from '../errors';

/**
 * Standard (TC39) decorators get a context object as their second argument. The decorators of the SDK record their
 * options under the class, which a standard decorator of a member does not know.
 *
 * @throws OrraError `ORRA_UNSUPPORTED_DECORATOR`
 */
export function requireLegacy(decorator: string, context: unknown): void {
  if (typeof context !== 'object' || context === null) return;
  const { kind, name } = context as { readonly kind?: unknown; readonly name?: unknown };
  const where = `${decorator} on the ${String(kind)} ${JSON.stringify(String(name))}`;
  throw sdkError(
    'ORRA_UNSUPPORTED_DECORATOR',
    `${where} was compiled as a standard (TC39) decorator; set "experimentalDecorators": true in tsconfig.json (tsc, esbuild, tsx, Vite), or "legacyDecorator": true under jsc.transform in .swcrc`,
    { details: { decorator, kind, name } },
  );
}
