/** Request-scoped global enhancers, which Nest creates only for providers that it knows as entries. */
import type { ModulesContainer } from '@nestjs/core';
import type { BootProblem } from '@orra-ts/sdk';
import { nestServiceRecord } from '../decorators/records';
import { describeToken, type ServiceProvider, type Wrapper } from '../nest/provider';

/** Nest stores an `APP_GUARD` and its like under a token of this form. */
const GLOBAL = /^APP_(GUARD|INTERCEPTOR|PIPE|FILTER) \(UUID/;

export function checkGlobalEnhancers(
  { cls, isPlainClass, wrapper }: ServiceProvider,
  at: string,
  modules: ModulesContainer,
  report: (problem: BootProblem) => void,
): void {
  if (isPlainClass && nestServiceRecord(cls)) return;
  for (const enhancer of scopedGlobalEnhancers(modules)) {
    const name = (enhancer.metatype as { name?: string } | null)?.name ?? describeToken(enhancer);
    report({
      where: at,
      field: 'enhancers',
      message: `the global ${name} is request-scoped, and Nest does not create it for the tasks of the provider ${describeToken(wrapper)}`,
      fix: nestServiceRecord(cls)
        ? `provide ${cls.name} as a class under its own token`
        : `import OrraService and OrraAgent of ${cls.name} from @orra-ts/nestjs instead of @orra-ts/sdk`,
    });
  }
}

function scopedGlobalEnhancers(modules: ModulesContainer): readonly Wrapper[] {
  const all = [...modules.values()].flatMap(({ injectables, providers }): Wrapper[] => [
    ...injectables.values(),
    ...providers.values(),
  ]);
  return all.filter((wrapper) => GLOBAL.test(describeToken(wrapper)) && !wrapper.isDependencyTreeStatic());
}
