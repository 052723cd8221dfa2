/** Plans and services for tests of their validation, and its problems as text. */
import type { DataField, Plan, PlanTask, ServiceId, Spec } from '@orra-ts/protocol';
import { validatePlan, type PlanValidation, type PlanValidationOptions } from '../../src/domain/plan/plan-validation';
import { describeProblems } from '../../src/domain/plan/plan-problems';
import type { PlannableService } from '../../src/domain/plan/plan-services';

export const object = (properties: Record<string, Spec>, required: string[] = []): Spec => ({
  type: 'object',
  properties,
  required,
});
export const TEXT: Spec = { type: 'string' };

export function service(name: string, input: Spec, more: Partial<PlannableService> = {}): PlannableService {
  return {
    id: `s_${name.replaceAll('-', '')}` as ServiceId,
    name,
    description: `the ${name}`,
    schema: { input, output: object({ done: TEXT, total: { type: 'number' } }) },
    revertible: false,
    updatedAt: 1,
    ...more,
  };
}

export const SHIP = service(
  'ship',
  object({ to: TEXT, note: TEXT, lines: { type: 'array', items: object({ sku: TEXT }, ['sku']) } }, ['to']),
);
export const plan = (...tasks: PlanTask[]): Plan => ({ tasks });
export const ship = (input: Record<string, unknown>, id = 'task1'): PlanTask => ({ id, service: 'ship', input });
export const fields = (values: Record<string, unknown>): DataField[] =>
  Object.entries(values).map(([field, value]) => ({ field, value }));

export const problemsOf = (validation: PlanValidation): string =>
  validation.ok ? '' : describeProblems(validation.problems);
export const check = (
  tasks: PlanTask[],
  data: Record<string, unknown> | null = null,
  options?: PlanValidationOptions,
): string => problemsOf(validatePlan(plan(...tasks), data && fields(data), [SHIP], options));
