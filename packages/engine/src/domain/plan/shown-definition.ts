/** A plan before validation as people may see it: with a mask in place of literals for sensitive members. */
import { SensitiveValues, hasSensitive, maskSensitive, parseReference, type Plan } from '@orra-ts/protocol';
import { ServiceFinder, type PlannableService } from './plan-services';

export function shownDefinition(plan: Plan, services: readonly PlannableService[]): Plan {
  if (!services.some(({ schema }) => hasSensitive(schema.input))) return plan;
  const finder = new ServiceFinder(services);
  const values = new SensitiveValues();
  const tasks = plan.tasks.map((task) => {
    const service = finder.find(task);
    if (typeof service === 'string') return task;
    const input = maskSensitive(task.input, service.schema.input, values, isReference) as typeof task.input;
    return { ...task, input };
  });
  // The same literal may be written elsewhere in the plan.
  return { ...plan, tasks: tasks.map((task) => ({ ...task, input: values.mask(task.input) as typeof task.input })) };
}

const isReference = (value: unknown): boolean => parseReference(value) !== undefined;
