/** Instances of service classes: one per entry of `services`, regardless of its number of handlers. */
import { DEFAULT_TASK_TIMEOUT_MS } from '@orra-ts/protocol';
import { OrraBootError, type BootProblem } from '../boot-error';
import type { ExploredService } from '../definition/explore';
import { missingMethods } from '../definition/instance-method';
import type { ServiceDefinition } from '../definition/service-definition';
import { originOf, type ServiceSource } from '../definition/service-source';
import type { OverdueRun } from '../execution/overdue';
import {
  checkedInstance,
  creationFailed,
  releaseInstance,
  releaseLimitMs,
  type ReleaseOptions,
} from './resolved-instance';

/** Not the instance itself: one that has a `then` method would be awaited wherever a promise resolves with it. */
interface Provided {
  readonly instance: object | undefined;
}

export interface ProvidedService extends Provided {
  readonly definition: ServiceDefinition;
}

export class Instances {
  private readonly bySource = new Map<ServiceSource, Provided>();
  private readonly resolved: object[] = [];
  private released = false;
  private readonly pending = new Map<ServiceSource, { readonly label: string; readonly since: number }>();
  private readonly limitMs: number;

  constructor(private readonly options: ReleaseOptions) {
    this.limitMs = DEFAULT_TASK_TIMEOUT_MS + releaseLimitMs(options);
  }

  /**
   * Creates the instances of these services, one after the other, and checks that they have the methods of their classes.
   *
   * @throws OrraError `ORRA_MISSING_INSTANCE` if the resolver or factory throws, or does not return an object
   * @throws OrraBootError `ORRA_BOOT_FAILED` with one problem for each method that an instance lacks
   */
  async provide(services: readonly ExploredService[]): Promise<readonly ProvidedService[]> {
    const provided: ProvidedService[] = [];
    const problems: BootProblem[] = [];
    for (const service of services) {
      const { instance } = await this.get(service);
      problems.push(...missingMethods(instance, service.methods));
      provided.push({ definition: service.definition, instance });
    }
    if (problems.length > 0) throw new OrraBootError(problems);
    return provided;
  }

  /** The resolver or factory of this service, if it does not settle. */
  overdue({ source }: ExploredService): readonly OverdueRun[] {
    const pending = this.pending.get(source);
    if (!pending) return [];
    const { label, since } = pending;
    const ageMs = this.options.clock.now() - since;
    return ageMs >= this.limitMs ? [{ label, idempotencyKey: undefined, ageMs }] : [];
  }

  /** Releases the instances of the resolver. Instances of `useValue` and `useFactory` belong to their owner. */
  async release(): Promise<void> {
    this.released = true;
    for (const instance of this.resolved.splice(0)) await releaseInstance(instance, undefined, this.options);
  }

  private async get(service: ExploredService): Promise<Provided> {
    const { source } = service;
    const known = this.bySource.get(source);
    if (known) return known;
    const provided = await this.make(service);
    this.bySource.set(source, provided);
    return provided;
  }

  private async make(service: ExploredService): Promise<Provided> {
    const { source, definition } = service;
    if (typeof source !== 'function') {
      if ('useValue' in source) return { instance: source.useValue };
      if (!('useFactory' in source)) return { instance: undefined };
    }
    const name = typeof source === 'function' ? source.name : source.class.name;
    const origin = originOf(source) ?? '';
    let provided: { readonly instance: unknown };
    try {
      const made: unknown =
        typeof source === 'function'
          ? this.options.resolver.get(source, { label: definition.label })
          : source.useFactory();
      provided = await this.settled(service, `${origin} of ${name}`, made);
    } catch (error) {
      throw creationFailed(name, error);
    }
    const instance = checkedInstance(provided.instance, name, origin);
    if (typeof source === 'function') {
      if (this.released) await releaseInstance(instance, undefined, this.options);
      else this.resolved.push(instance);
    }
    return { instance };
  }

  /** Awaits a promise. An object with the methods of the class is the instance itself, even if it also has a `then`. */
  private async settled(
    { source, methods }: ExploredService,
    label: string,
    made: unknown,
  ): Promise<{ readonly instance: unknown }> {
    if (missingMethods(made, methods).length === 0) return { instance: made };
    const { clock, logger } = this.options;
    this.pending.set(source, { label, since: clock.now() });
    const timer = clock.setTimer(
      this.limitMs,
      () =>
        logger.warn('an instance is still being created; the application cannot start without it', {
          what: label,
          ageMs: this.limitMs,
          fix: 'let the resolver or factory settle; an instance with a `then` method must not be the result of a promise',
        }),
      { unref: true },
    );
    try {
      return { instance: await made };
    } finally {
      timer.clear();
      this.pending.delete(source);
    }
  }
}
