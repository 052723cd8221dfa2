/** Turns providers into sources for the SDK, whose calls run through Nest's pipeline. */
import { ContextIdFactory, type ExternalContextCreator, type ModulesContainer } from '@nestjs/core';
import type { BootProblem, DelegatedSource, OrraOptions, ServiceSource } from '@orra-ts/sdk';
import { exploreServices, handlerRecords, missingMethods, revertRecords } from '@orra-ts/sdk/internal';
import { implicitInput } from '../decorators/parameters';
import { EnhancerResolver, type MethodEnhancers } from '../pipeline/enhancers';
import { ProviderCaller, type PipelineOptions } from '../pipeline/method-pipeline';
import { checkFields, checkMethods, decoratedParameters } from './checks';
import { checkGlobalEnhancers } from './global-enhancers';
import { expectedMethod, type ServiceProvider } from '../nest/provider';

type Report = (problem: BootProblem) => void;

export interface ExplorerOptions extends PipelineOptions, Pick<OrraOptions, 'peers'> {}

export class ServiceExplorer {
  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly modules: ModulesContainer,
    private readonly options: ExplorerOptions,
  ) {}

  /** Reports all problems, those that the SDK finds included. Use the sources only if there are none. */
  async explore(providers: readonly ServiceProvider[], report: Report): Promise<readonly ServiceSource[]> {
    const bySource = new Map<ServiceSource, ServiceProvider>();
    for (const provider of providers) bySource.set(await this.source(provider, report), provider);
    const sources = [...bySource.keys()];
    const { definitions, problems } = exploreServices(sources, { validatorModules: this.options.peers });
    for (const { definition, source } of definitions) {
      const provider = bySource.get(source);
      if (provider && definition.target) checkFields(provider, definition.target.method, definition.input, report);
    }
    for (const problem of problems) report(inModule(problem, providers));
    return sources;
  }

  private async source(provider: ServiceProvider, report: Report): Promise<DelegatedSource> {
    const { cls, module } = provider;
    const at = `${module} > ${cls.name}`;
    checkMethods(cls, at, report);
    checkGlobalEnhancers(provider, at, this.modules, report);
    declareInputs(provider);
    const enhancers = provider.isPlainClass ? undefined : await this.enhancersOf(provider, report);
    const instance = await instanceOf(provider);
    const caller = new ProviderCaller(this.creator, provider, instance, enhancers, this.options);
    if (instance) {
      const methods = methodsOf(cls).map((method) => expectedMethod(provider, method));
      for (const problem of missingMethods(instance, methods))
        report({ ...problem, where: `${module} > ${problem.where}` });
    }
    return { class: cls, call: caller.call, takesParameters: true };
  }

  private async enhancersOf(
    provider: ServiceProvider,
    report: Report,
  ): Promise<ReadonlyMap<string | symbol, MethodEnhancers>> {
    const resolver = new EnhancerResolver(provider, report);
    const found = new Map<string | symbol, MethodEnhancers>();
    for (const method of methodsOf(provider.cls)) found.set(method, await resolver.of(method));
    return found;
  }
}

const methodsOf = (cls: ServiceProvider['cls']): readonly (string | symbol)[] =>
  [...handlerRecords(cls), ...revertRecords(cls)].map(({ method }) => method);

/** The SDK knows class and method; the module helps to find the provider. */
function inModule(problem: BootProblem, providers: readonly ServiceProvider[]): BootProblem {
  const [name] = problem.where.split('.');
  const provider = providers.find(({ cls }) => cls.name === name);
  return provider ? { ...problem, where: `${provider.module} > ${problem.where}` } : problem;
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
