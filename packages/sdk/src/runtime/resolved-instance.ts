/** What holds for every instance of a resolver or factory: how it is awaited, checked and released. */
import { describeThrown, withTimeout, type Clock, type Logger } from '@orra-ts/common';
import { DEFAULT_TASK_TIMEOUT_MS } from '@orra-ts/protocol';
import { sdkError } from '../errors';
import { graceMsOf } from '../execution/overdue';
import type { InstanceResolver, ResolveContext } from '../resolver/instance-resolver';

export interface ReleaseOptions {
  readonly resolver: InstanceResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Option `handlerGrace`. */
  readonly handlerGraceMs: number | undefined;
}

/** Time that `resolver.release` has. */
export const releaseLimitMs = ({ handlerGraceMs }: Pick<ReleaseOptions, 'handlerGraceMs'>): number =>
  graceMsOf(handlerGraceMs, DEFAULT_TASK_TIMEOUT_MS);

/** Never rejects: a failure is logged, and a release that does not end is left behind after its limit. */
export async function releaseInstance(
  instance: object,
  context: ResolveContext | undefined,
  options: ReleaseOptions,
): Promise<void> {
  const { resolver, clock, logger } = options;
  const limitMs = releaseLimitMs(options);
  try {
    // In a function, so that neither a synchronous error nor a thenable gets past the limit.
    const release = async (): Promise<void> => resolver.release?.(instance, context);
    await withTimeout(clock, limitMs, release(), () => new Error(`it did not end within ${limitMs} ms`));
  } catch (error) {
    logger.error('the resolver did not release an instance', { error: describeThrown(error) });
  }
}

/** @throws OrraError `ORRA_MISSING_INSTANCE` */
export function checkedInstance(value: unknown, name: string, origin: string): object {
  if (typeof value === 'object' && value !== null) return value;
  const what = value === null || value === undefined ? String(value) : `a ${typeof value}`;
  throw sdkError('ORRA_MISSING_INSTANCE', `${name}: ${origin} returned ${what} instead of an instance`);
}

/** The error of a resolver or factory: one that is `ORRA_MISSING_INSTANCE` already, or a new one with its cause. */
export function creationFailed(name: string, error: unknown): unknown {
  if (isMissingInstance(error)) return error;
  return sdkError(
    'ORRA_MISSING_INSTANCE',
    `${name} could not be created: ${describeThrown(error)}; check the resolver or factory`,
    { cause: error },
  );
}

function isMissingInstance(error: unknown): boolean {
  try {
    return (error as { readonly code?: unknown } | null)?.code === 'ORRA_MISSING_INSTANCE';
  } catch {
    return false;
  }
}
