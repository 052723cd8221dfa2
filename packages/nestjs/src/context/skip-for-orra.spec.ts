import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { of } from 'rxjs';
import { skipForOrra } from './skip-for-orra';

const contextOf = (type: string): ExecutionContext => ({ getType: () => type }) as unknown as ExecutionContext;

class HttpOnly implements CanActivate, NestInterceptor, ExceptionFilter {
  readonly calls: string[] = [];

  canActivate(_: ExecutionContext): boolean {
    this.calls.push('guard');
    return false;
  }

  intercept(_: ExecutionContext, next: CallHandler) {
    this.calls.push('interceptor');
    return next.handle();
  }

  catch(_: unknown, __: ArgumentsHost): void {
    this.calls.push('filter');
  }
}

it('the enhancer does nothing on a task, and everything on a request', () => {
  const enhancer = new (skipForOrra(HttpOnly))();
  const next: CallHandler = { handle: () => of('result') };
  const error = new Error('of the handler');

  expect(enhancer.canActivate(contextOf('orra'))).toBe(true);
  enhancer.intercept(contextOf('orra'), next);
  expect(() => enhancer.catch(error, contextOf('orra'))).toThrow(error);
  expect(enhancer.calls).toEqual([]);

  expect(enhancer.canActivate(contextOf('http'))).toBe(false);
  enhancer.intercept(contextOf('http'), next);
  enhancer.catch(error, contextOf('http'));
  expect(enhancer.calls).toEqual(['guard', 'interceptor', 'filter']);
});

it('an enhancer whose method is a property of its instances is skipped too', () => {
  class Arrow implements CanActivate {
    canActivate = (): boolean => false;
  }
  const enhancer = new (skipForOrra(Arrow))() as CanActivate;
  expect(enhancer.canActivate(contextOf('orra'))).toBe(true);
  expect(enhancer.canActivate(contextOf('http'))).toBe(false);
});

it('the class keeps its name, and its original is unchanged', () => {
  expect(skipForOrra(HttpOnly).name).toBe('HttpOnly');
  expect(new HttpOnly().canActivate(contextOf('orra'))).toBe(false);
});
