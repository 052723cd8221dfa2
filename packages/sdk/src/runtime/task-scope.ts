/**
 * Classes whose instances live as long as one run. They become delegated sources: for each call the resolver provides an
 * instance, which is released before the outcome of the call is known to the rest of the SDK.
 */
import { missingMethods, methodOf, type InstanceMethod } from '../definition/instance-method';
import type { DelegatedSource, MethodCall, ServiceSource } from '../definition/service-source';
import { failurePolicyOf, invalidOption } from '../errors';
import type { InstanceResolver, ResolveContext } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import { checkedInstance, creationFailed, releaseInstance, type ReleaseOptions } from './resolved-instance';

/**
 * Delegates the classes for which the resolver has an instance per task. Other sources are returned as they are.
 *
 * @throws OrraError `ORRA_INVALID_OPTION` if `resolver.scope` returns another value
 */
export function delegateTaskScoped(
  sources: readonly ServiceSource[],
  options: ReleaseOptions,
): readonly ServiceSource[] {
  const { resolver, logger } = options;
  let count = 0;
  const delegated = sources.map((source) => {
    if (typeof source !== 'function' || !isTaskScoped(source, resolver)) return source;
    count++;
    return delegate(source, options);
  });
  if (count > 0 && resolver.taskScopeWarning !== undefined) logger.warn(resolver.taskScopeWarning);
  return delegated;
}

function isTaskScoped(cls: ClassType, resolver: InstanceResolver): boolean {
  const scope: unknown = resolver.scope?.(cls) ?? 'application';
  if (scope !== 'application' && scope !== 'task') {
    throw invalidOption('resolver', `scope(${cls.name}) must return 'application' or 'task', not ${String(scope)}`);
  }
  return scope === 'task';
}

function delegate(cls: ClassType, options: ReleaseOptions): DelegatedSource {
  const call = async ({ kind, method, argument, ...handler }: MethodCall): Promise<unknown> => {
    const expected = expectedMethod(cls, method);
    const context = { label: expected.label, task: argument };
    const { instance } = await create(cls, expected, context, options.resolver);
    try {
      const takesInput = kind === 'handler' && 'takes' in handler && handler.takes === 'input';
      return await methodOf(instance, expected).call(instance, takesInput ? argument.input : argument);
    } finally {
      await releaseInstance(instance, context, options);
    }
  };
  return { class: cls, call };
}

const expectedMethod = (cls: ClassType, method: string | symbol): InstanceMethod => ({
  method,
  label: `${cls.name}.${String(method)}`,
  className: cls.name,
  origin: 'the resolver',
});

/** In an object, because an instance with a `then` method must not be awaited. */
async function create(
  cls: ClassType,
  expected: InstanceMethod,
  context: ResolveContext,
  resolver: InstanceResolver,
): Promise<{ readonly instance: object }> {
  let made: unknown;
  try {
    made = resolver.get(cls, context);
    if (missingMethods(made, [expected]).length > 0) made = await made;
  } catch (error) {
    // NonRetryableError and RetryableError decide about the attempt here too, such as for an unknown tenant.
    throw failurePolicyOf(error) ? error : creationFailed(cls.name, error);
  }
  return { instance: checkedInstance(made, cls.name, 'the resolver') };
}
