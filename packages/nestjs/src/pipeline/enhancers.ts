/**
 * Enhancers of providers for which Nest itself does not find them: it creates the enhancers of a class only where it
 * provides that class under its own token. For providers by `useFactory`, `useValue` or another token, and for doubles, this
 * file creates them once, in the scope of the module.
 */
import type { Type } from '@nestjs/common';
import type { BootProblem } from '@orra-ts/sdk';
import { describeToken, type ServiceProvider } from '../nest/provider';
import { ENHANCER_KEYS, parameterMetadata, type EnhancerKind, type ParameterMetadata } from '../nest/metadata';

/** Enhancers of a class and one of its methods, as instances. Nest runs them in this order, filters in the reverse one. */
export interface MethodEnhancers extends Readonly<Record<EnhancerKind, readonly unknown[]>> {
  /** Nest's metadata of the decorated parameters, with their pipes as instances. */
  readonly parameters: ParameterMetadata | undefined;
}

export class EnhancerResolver {
  private readonly instances = new Map<Type, Promise<unknown>>();

  constructor(
    private readonly provider: ServiceProvider,
    private readonly report: (problem: BootProblem) => void,
  ) {}

  /** Reports a problem for each enhancer that cannot be created. */
  async of(method: string | symbol): Promise<MethodEnhancers> {
    const { cls } = this.provider;
    const callback = (cls.prototype as Record<string | symbol, unknown>)[method];
    const found: Record<EnhancerKind, readonly unknown[]> = { guard: [], interceptor: [], pipe: [], filter: [] };
    for (const [kind, key] of Object.entries(ENHANCER_KEYS) as [EnhancerKind, string][]) {
      found[kind] = await this.all([...read(key, cls), ...read(key, callback)], kind, method);
    }
    return { ...found, parameters: await this.parameters(method) };
  }

  private async parameters(method: string | symbol): Promise<ParameterMetadata | undefined> {
    const declared = parameterMetadata(this.provider.cls, method);
    if (!declared) return undefined;
    const resolved: Record<string, ParameterMetadata[string]> = {};
    for (const [key, parameter] of Object.entries(declared)) {
      resolved[key] = { ...parameter, pipes: await this.all(parameter.pipes, 'pipe', method) };
    }
    return resolved;
  }

  private async all(
    enhancers: readonly unknown[],
    kind: EnhancerKind,
    method: string | symbol,
  ): Promise<readonly unknown[]> {
    const instances: unknown[] = [];
    for (const enhancer of enhancers) instances.push(await this.instance(enhancer, kind, method));
    return instances.filter((instance) => instance !== undefined);
  }

  private async instance(enhancer: unknown, kind: EnhancerKind, method: string | symbol): Promise<unknown> {
    if (typeof enhancer !== 'function') return enhancer;
    const type = enhancer as Type;
    try {
      let instance = this.instances.get(type);
      if (!instance) this.instances.set(type, (instance = this.create(type)));
      return await instance;
    } catch (error) {
      const { cls, module, wrapper } = this.provider;
      this.report({
        where: `${module} > ${cls.name}.${String(method)}`,
        field: kind,
        message: `${type.name} cannot be created for the provider ${describeToken(wrapper)}: ${error instanceof Error ? error.message : String(error)}`,
        fix: `provide ${cls.name} as a class under its own token, so that Nest creates its enhancers, or pass an instance: new ${type.name}(...)`,
      });
      return undefined;
    }
  }

  /** An instance that the application provides, else a new one. Both reject if it is request-scoped. */
  private async create(type: Type): Promise<unknown> {
    const { moduleRef } = this.provider;
    try {
      return moduleRef.get<unknown>(type, { strict: false });
    } catch (error) {
      if ((error as Error).constructor.name === 'InvalidClassScopeException') throw error;
      return moduleRef.create(type);
    }
  }
}

const read = (key: string, target: unknown): readonly unknown[] =>
  typeof target === 'function' ? ((Reflect.getMetadata(key, target) as unknown[] | undefined) ?? []) : [];
