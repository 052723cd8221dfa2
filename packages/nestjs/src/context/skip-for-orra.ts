import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
  Type,
} from '@nestjs/common';
import { isOrraContext } from './orra-context';

type Enhancer = Partial<CanActivate & NestInterceptor & ExceptionFilter>;

/**
 * A guard, interceptor or filter that does nothing on handlers and revert handlers. Use it for global enhancers that are
 * written for HTTP requests.
 *
 * @example
 * app.useGlobalGuards(new (skipForOrra(SessionGuard))());
 * providers: [{ provide: APP_GUARD, useClass: skipForOrra(SessionGuard) }]
 */
export function skipForOrra<T extends Type<Enhancer>>(enhancer: T): T {
  const Skipping = {
    [enhancer.name]: class extends (enhancer as Type<Enhancer>) {
      constructor(...args: unknown[]) {
        super(...args);
        // On the instance: an enhancer may have its method as a member of its class or as a property of each instance.
        skip(this);
      }
    },
  };
  return Skipping[enhancer.name] as T;
}

function skip(enhancer: Enhancer): void {
  const { canActivate, intercept, catch: handle } = enhancer;
  if (canActivate) {
    enhancer.canActivate = (context: ExecutionContext) => isOrraContext(context) || canActivate.call(enhancer, context);
  }
  if (intercept) {
    enhancer.intercept = (context: ExecutionContext, next: CallHandler) =>
      isOrraContext(context) ? next.handle() : intercept.call(enhancer, context, next);
  }
  if (handle) {
    enhancer.catch = (error: unknown, host: ArgumentsHost): unknown => {
      if (isOrraContext(host)) throw error;
      return handle.call(enhancer, error, host) as unknown;
    };
  }
}
