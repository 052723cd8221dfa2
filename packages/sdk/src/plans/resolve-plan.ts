/** Resolves a defined plan into the form for engines: names instead of classes, and a JSON Schema of the data. */
import type { DefinedPlan } from '@orra-ts/protocol';
import { OrraBootError, type BootProblem } from '../boot-error';
import { readClass } from '../definition/class-records';
import type { ValidatorModules } from '../schema/validator-modules';
import { createValueSchema } from '../validation/create-value-schema';
import type { Plan, PlannedTask } from './define-plan';

export interface PlanExploration {
  readonly plans: readonly DefinedPlan[];
  readonly problems: readonly BootProblem[];
}

/**
 * Resolves all plans of an application and reports all problems, like `exploreServices`. Plans given as data need no
 * resolution and come last.
 */
export function explorePlans(
  plans: readonly (Plan | DefinedPlan)[],
  options: { readonly validatorModules?: ValidatorModules } = {},
): PlanExploration {
  const problems: BootProblem[] = [];
  const byName = new Map<string, Plan>();
  const written = plans.filter((plan): plan is DefinedPlan => 'plan' in plan);
  const recorded = plans.filter((plan): plan is Plan => !('plan' in plan));
  const resolved = recorded.flatMap((plan) => {
    const where = `definePlan(${JSON.stringify(plan.action)})`;
    if (byName.has(plan.name)) {
      problems.push({
        where,
        field: 'name',
        message: `the name "${plan.name}" is already used by ${JSON.stringify(byName.get(plan.name)?.action)}`,
        fix: "give one of them another: definePlan(..., { name: 'ship-order-express' })",
      });
    }
    byName.set(plan.name, plan);
    const defined = resolve(plan, where, problems, options.validatorModules);
    return defined ? [defined] : [];
  });
  return { plans: [...resolved, ...written], problems };
}

/**
 * @throws OrraBootError if its input schema is not valid, or the name of one of its services is not valid
 */
export function resolvePlan(plan: Plan, options: { readonly validatorModules?: ValidatorModules } = {}): DefinedPlan {
  const { plans, problems } = explorePlans([plan], options);
  const [defined] = plans;
  if (!defined || problems.length > 0) throw new OrraBootError(problems);
  return defined;
}

function resolve(
  plan: Plan,
  where: string,
  problems: BootProblem[],
  validatorModules: ValidatorModules | undefined,
): DefinedPlan | undefined {
  const before = problems.length;
  const schema = createValueSchema(plan.input, {
    side: 'input',
    unknownFields: 'keep',
    validation: 'full',
    mayBeEmpty: true,
    validatorModules,
    report: (problem) => problems.push({ where, ...problem }),
  });
  if (!schema) return undefined;
  const declared = new Set(Object.keys(schema.spec.properties ?? {}));
  for (const [, placeholder] of plan.action.matchAll(/\{([^{}]*)\}/g)) {
    if (declared.has(placeholder ?? '')) continue;
    problems.push({
      where,
      field: 'action',
      message: `{${placeholder}} names no property of its input`,
      fix:
        declared.size === 0
          ? 'declare it there: the input has no property'
          : `use one of ${[...declared].map((name) => `{${name}}`).join(', ')}`,
    });
  }
  const tasks = plan.tasks.map((task) => ({ id: task.id, service: serviceName(task), input: { ...task.input } }));
  if (problems.length > before) return undefined;
  return {
    name: plan.name,
    action: plan.action,
    description: plan.description,
    input: { ...schema.jsonSchema },
    plan: plan.compensation === undefined ? { tasks } : { tasks, compensation: plan.compensation },
  };
}

function serviceName({ service }: PlannedTask): string {
  if ('name' in service) return service.name;
  const handler = readClass(service.cls).handlers.find(({ handler }) => handler.method === service.method);
  // `definePlan` has checked the handler; the explorer checks the name of the service.
  return handler?.name ?? service.method;
}
