/** Instances of service classes: one per entry of `services`, regardless of its number of handlers. */
import { describeThrown, type Logger } from '@orra-ts/common';
import { sdkError } from '../errors';
import type { InstanceResolver } from '../resolver/instance-resolver';
import type { ServiceSource } from '../definition/service-source';

export class Instances {
  private readonly bySource = new Map<ServiceSource, object | undefined>();
  private readonly resolved: object[] = [];

  constructor(private readonly resolver: InstanceResolver) {}

  /** @throws OrraError `ORRA_MISSING_INSTANCE` if the resolver or factory throws, or does not return an object */
  async get(source: ServiceSource, label: string): Promise<object | undefined> {
    if (this.bySource.has(source)) return this.bySource.get(source);
    const instance = await this.make(source, label);
    this.bySource.set(source, instance);
    return instance;
  }

  /** Releases the instances of the resolver. Instances of `useValue` and `useFactory` belong to their owner. */
  async release(logger: Logger): Promise<void> {
    for (const instance of this.resolved.splice(0)) {
      try {
        await this.resolver.release?.(instance);
      } catch (error) {
        logger.error('the resolver did not release an instance', { error: describeThrown(error) });
      }
    }
  }

  private async make(source: ServiceSource, label: string): Promise<object | undefined> {
    if (typeof source !== 'function') {
      if ('useValue' in source) return source.useValue;
      if (!('useFactory' in source)) return undefined;
    }
    const name = typeof source === 'function' ? source.name : source.class.name;
    let instance: unknown;
    try {
      const made: unknown = typeof source === 'function' ? this.resolver.get(source, { label }) : source.useFactory();
      instance = await made;
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'ORRA_MISSING_INSTANCE') throw error;
      throw sdkError(
        'ORRA_MISSING_INSTANCE',
        `${name} could not be created: ${describeThrown(error)}; check the resolver or factory`,
        { cause: error },
      );
    }
    if (typeof instance !== 'object' || instance === null) {
      const from = typeof source === 'function' ? 'the resolver' : 'its useFactory';
      throw sdkError('ORRA_MISSING_INSTANCE', `${name}: ${from} returned ${String(instance)} instead of an instance`);
    }
    if (typeof source === 'function') this.resolved.push(instance);
    return instance;
  }
}
