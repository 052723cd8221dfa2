import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { OrraExecutionContext, isOrraContext } from '@orra-ts/nestjs';

/** One guard for both sides: HTTP requests carry the tenant in a header, tasks in the metadata of their submission. */
@Injectable()
export class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const tenant = isOrraContext(context)
      ? OrraExecutionContext.of(context).metadata['tenant']
      : context.switchToHttp().getRequest<Request>().header('x-tenant');
    if (tenant === undefined) throw new UnauthorizedException('the tenant is missing');
    return true;
  }
}
