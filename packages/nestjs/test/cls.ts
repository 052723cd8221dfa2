/** The recipe of docs/nestjs.md: one store of nestjs-cls for each task. */
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ClsInterceptor, ClsModule } from 'nestjs-cls';
import { OrraExecutionContext, isOrraContext } from '@orra-ts/nestjs';

@Module({
  imports: [
    ClsModule.forRoot({
      global: true,
      interceptor: {
        mount: false,
        setup: (cls, context) => {
          if (isOrraContext(context)) cls.set('tenant', OrraExecutionContext.of(context).metadata['tenant']);
        },
      },
    }),
  ],
  providers: [{ provide: APP_INTERCEPTOR, useClass: ClsInterceptor }],
})
export class StoreModule {}
