/** Turns providers into sources for the SDK, whose calls run through Nest's pipeline. */
import { ContextIdFactory, type ExternalContextCreator, type ModulesContainer } from '@nestjs/core';
import type { BootProblem, ServiceSource } from '@orra-ts/sdk';
import { exploreServices, handlerRecords, revertRecords } from '@orra-ts/sdk/internal';
import { implicitInput } from '../decorators/parameters';
import { EnhancerResolver, type MethodEnhancers } from '../pipeline/enhancers';
import { ProviderCaller, type PipelineOptions } from '../pipeline/method-pipeline';
import { checkFields, checkMethods, decoratedParameters } from './checks';
import { checkGlobalEnhancers } from './global-enhancers';
import type { ServiceProvider } from '../nest/provider';

type Report = (problem: BootProblem) => void;

export class ServiceExplorer {
  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly modules: ModulesContainer,
    private readonly options: PipelineOptions,
  ) {}

  async explore(providers: readonly ServiceProvider[], report: Report): Promise<readonly ServiceSource[]> {
    const sources: ServiceSource[] = [];
    for (const provider of providers) sources.push(await this.source(provider, report));
    return sources;
  }

  private async source(provider: ServiceProvider, report: Report): Promise<ServiceSource> {
    const { cls, module } = provider;
    const at = `${module} > ${cls.name}`;
    checkMethods(cls, at, report);
    checkGlobalEnhancers(provider, at, this.modules, report);
    declareInputs(provider);
    const enhancers = provider.isPlainClass ? undefined : await this.enhancersOf(provider, report);
    const instance = await instanceOf(provider);
    const caller = new ProviderCaller(this.creator, provider, instance, enhancers, this.options);
    const source = { class: cls, call: caller.call };
    // Problems of the schemas themselves are reported when the application adds the source.
    for (const { definition } of exploreServices([source]).definitions) {
      const { target, input } = definition;
      if (target) checkFields(cls, at, target.method, input.jsonSchema, report);
    }
    return source;
  }

  private async enhancersOf(
    provider: ServiceProvider,
    report: Report,
  ): Promise<ReadonlyMap<string | symbol, MethodEnhancers>> {
    const resolver = new EnhancerResolver(provider, report);
    const found = new Map<string | symbol, MethodEnhancers>();
    for (const { method } of [...handlerRecords(provider.cls), ...revertRecords(provider.cls)]) {
      found.set(method, await resolver.of(method));
    }
    return found;
  }
}

/** A handler that takes its input has it as a parameter with a decorator, so that pipes run on it. */
function declareInputs({ cls }: ServiceProvider): void {
  const prototype = cls.prototype as object;
  for (const { method, takes } of handlerRecords(cls)) {
    if (takes === 'input' && decoratedParameters(cls, method).size === 0) implicitInput(prototype, method, 0);
  }
}

async function instanceOf({ wrapper, moduleRef, scope }: ServiceProvider): Promise<object | undefined> {
  if (scope === 'task') return undefined;
  if (scope === 'static') return wrapper.instance as object;
  return moduleRef.resolve<object>(wrapper.token as string, ContextIdFactory.create(), { strict: true });
}
