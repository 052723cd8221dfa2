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
type Methods = { -readonly [K in keyof Enhancer]: Enhancer[K] };

/**
 * A guard, interceptor or filter that does nothing on handlers and revert handlers. Use it for global enhancers that are
 * written for HTTP requests.
 *
 * @example
 * app.useGlobalGuards(new (skipForOrra(SessionGuard))());
 * providers: [{ provide: APP_GUARD, useClass: skipForOrra(SessionGuard) }]
 */
export function skipForOrra<T extends Type<Enhancer>>(enhancer: T): T {
  const original = enhancer.prototype as Enhancer;
  const Skipping = { [enhancer.name]: class extends (enhancer as Type<Enhancer>) {} }[enhancer.name] as T;
  const methods = Skipping.prototype as Methods;
  if (original.canActivate) {
    methods.canActivate = function (this: Enhancer, context: ExecutionContext) {
      return isOrraContext(context) || (original.canActivate as CanActivate['canActivate']).call(this, context);
    };
  }
  if (original.intercept) {
    methods.intercept = function (this: Enhancer, context: ExecutionContext, next: CallHandler) {
      if (isOrraContext(context)) return next.handle();
      return (original.intercept as NestInterceptor['intercept']).call(this, context, next);
    };
  }
  if (original.catch) {
    methods.catch = function (this: Enhancer, error: unknown, host: ArgumentsHost): unknown {
      if (isOrraContext(host)) throw error;
      return (original.catch as ExceptionFilter['catch']).call(this, error, host) as unknown;
    };
  }
  return Skipping;
}
