/** A health indicator for `@nestjs/terminus`. */
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { OrraApplication } from '@orra-ts/sdk';

/**
 * Up while all services are connected and their outcomes are stored.
 *
 * @example
 * health.check([() => orra.isHealthy('orra')])
 */
@Injectable()
export class OrraHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(OrraApplication) private readonly application: OrraApplication,
  ) {}

  /** @param application @default the application of the `OrraModule` without a name */
  isHealthy<const K extends string>(key: K, application = this.application): HealthIndicatorResult<K> {
    const { status, services, outbox } = application.health();
    const disconnected = services.filter(({ state }) => state !== 'connected').map(({ name }) => name);
    const details = { application: status, disconnected, pendingOutcomes: outbox.pending };
    const check = this.indicators.check(key);
    return status === 'ready' ? check.up(details) : check.down(details);
  }
}
