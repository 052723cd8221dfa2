/**
 * Compares the services of a registered plan with their schemas at its registration. A plan is stale if one of them has
 * changed in an input that the plan sets or an output that it uses.
 */
import { TASK_ZERO, type Plan, type PlanTask, type ServiceSchema, formatInputPath } from '@orra-ts/protocol';
import { plannedTasks } from './plan-form';
import { ProblemList, type PlanProblem } from './plan-problems';
import { validatePlan } from './plan-validation';
import { findReferences } from './references';
import { sameJson } from '../same-json';
import { memberSpec } from '../spec/spec-parts';
import { changesAlong, changesForValue } from '../spec/spec-changes';
import { excerpt } from '../excerpt';
import type { PlannableService } from './plan-services';

/** Schemas by the name or id that the plan uses for a service. */
export type PinnedServices = Readonly<Record<string, ServiceSchema>>;

export interface PinnedPlan {
  readonly plan: Plan;
  /** Default: no schemas were kept, so changes cannot be detected. */
  readonly pinned?: PinnedServices;
}

/** Schemas by the service's name in the plan. `now` contains only those that have changed. */
interface Schemas {
  readonly before: ReadonlyMap<string, ServiceSchema>;
  readonly now: ReadonlyMap<string, ServiceSchema>;
}

/** Returns the schemas of a plan's services, except those that are not registered or ambiguous. */
export function pinServices(plan: Plan, services: readonly PlannableService[]): PinnedServices {
  const pinned = new Map<string, ServiceSchema>();
  for (const { service = '' } of plannedTasks(plan)) {
    const found = serviceCalled(service, services);
    if (typeof found !== 'string') pinned.set(service, found.schema);
  }
  return Object.fromEntries(pinned);
}

/** Returns what has changed since the plan was registered; empty if it is not stale. */
export function compatibilityProblems(
  { plan, pinned = {} }: PinnedPlan,
  services: readonly PlannableService[],
): PlanProblem[] {
  const problems = new ProblemList();
  const before = new Map(Object.entries(pinned));
  const now = new Map<string, ServiceSchema>();
  const missing = new Map<string, string>();
  for (const [name, schema] of before) {
    const found = serviceCalled(name, services);
    if (typeof found === 'string') missing.set(name, found);
    else if (!sameJson(schema, found.schema)) now.set(name, found.schema);
  }
  const tasks = plannedTasks(plan);
  const serviceOf = new Map(tasks.map(({ id, service = '' }) => [id, service]));
  for (const task of tasks) {
    const gone = missing.get(task.service ?? '');
    if (gone !== undefined) problems.add(gone, task.id, 'service');
    addInputChanges(task, { before, now }, problems);
    addOutputChanges(task, serviceOf, { before, now }, problems);
  }
  return problems.found;
}

function addInputChanges({ id, service = '', input }: PlanTask, { before, now }: Schemas, problems: ProblemList): void {
  const known = before.get(service);
  const current = now.get(service);
  if (!known || !current) return;
  for (const { path, message } of changesForValue(input, known.input, current.input)) {
    if (problems.isFull) return;
    problems.add(`${message} (input of ${service})`, id, `input${path}`);
  }
}

function addOutputChanges(
  { id, input }: PlanTask,
  serviceOf: ReadonlyMap<string, string>,
  { before, now }: Schemas,
  problems: ProblemList,
): void {
  if (now.size === 0) return;
  for (const { reference, path } of findReferences(input)) {
    const service = serviceOf.get(reference.taskId) ?? '';
    const known = before.get(service);
    const current = now.get(service);
    if (!known || !current) continue;
    for (const change of changesAlong(reference.path, known.output, current.output)) {
      if (problems.isFull) return;
      const message = `"${change.path.slice(1)}" ${change.message} (output of ${service})`;
      problems.add(message, id, `input.${formatInputPath(path)}`);
    }
  }
}

/**
 * Returns why a plan cannot run with these services for any data. The values of the data are not known yet, so inputs
 * that refer to them are checked at each submission.
 */
export function problemsBeforeData(plan: Plan, services: readonly PlannableService[]): PlanProblem[] {
  const tasks = plannedTasks(plan);
  const fields = new Set<string>();
  const excused = new Set<string>();
  for (const { id, service = '', input } of tasks) {
    const found = serviceCalled(service, services);
    for (const { reference, path } of findReferences(input)) {
      if (reference.taskId !== TASK_ZERO) continue;
      fields.add(reference.path[0] ?? '');
      const [field = ''] = path;
      const isUnknown = typeof found !== 'string' && !memberSpec(found.schema.input, field);
      if (!isUnknown) excused.add(`${id} ${excerpt(`input.${formatInputPath(path)}`, 200)}`);
    }
  }
  const validation = validatePlan({ tasks }, null, services, { optionalData: fields });
  if (validation.ok) return [];
  return validation.problems.filter(({ taskId, field }) => !excused.has(`${taskId} ${field}`));
}

/** Returns the service that a plan means, or why it cannot be resolved now. */
function serviceCalled(wanted: string, services: readonly PlannableService[]): PlannableService | string {
  const name = wanted.trim();
  const byId = services.find(({ id }) => id === name || id === name.toLowerCase());
  if (byId) return byId;
  const [first, ...others] = services.filter((service) => service.name === name);
  if (!first) return `"${excerpt(name)}" was a service, is removed: no service has this id or name`;
  const other = others.find(({ schema }) => !sameJson(schema, first.schema));
  if (!other) return first;
  return `"${excerpt(name)}" was one service, is ambiguous: ${first.id} and ${other.id} have this name and different schemas`;
}
