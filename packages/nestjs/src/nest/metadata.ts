/** Metadata that the decorators of Nest write, and that Nest reads by key; Nest does not export the keys. */

/** Keys under which the `Use…` decorators store enhancers, on classes and on methods. */
export const ENHANCER_KEYS = {
  guard: '__guards__',
  interceptor: '__interceptors__',
  pipe: '__pipes__',
  filter: '__exceptionFilters__',
} as const;
export type EnhancerKind = keyof typeof ENHANCER_KEYS;

/** Key of the decorated parameters of a method, on its class. */
export const PARAMETERS_KEY = '__routeArguments__';
export type ParameterMetadata = Readonly<
  Record<string, { readonly index: number; readonly pipes: readonly unknown[] }>
>;

export const parameterMetadata = (cls: object, method: string | symbol): ParameterMetadata | undefined =>
  Reflect.getMetadata(PARAMETERS_KEY, cls, method) as ParameterMetadata | undefined;
