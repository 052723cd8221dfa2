/**
 * Checks a plan from any source against the services of its project and makes it ready to run. All problems are reported
 * together. A plan that passes always ends when its services answer: its graph is finite, acyclic and complete.
 */
import {
  PLAN_MAX_TASKS,
  TASK_ZERO,
  isJsonObject,
  parseReference,
  type DataField,
  type Plan,
  type PlanTask,
  type ServiceId,
  type ServiceSchema,
  type Spec,
} from '@orra-ts/protocol';
import type { ResolvedPlan, ResolvedTask } from './events';
import { dependenciesOf, findReferences } from './references';
import { literalProblems, specAt, typesFit } from './spec-fit';

/** What a plan needs to know of a service. */
export interface PlannableService {
  readonly id: ServiceId;
  readonly name: string;
  readonly description: string;
  readonly schema: ServiceSchema;
  readonly revertible: boolean;
  readonly timeoutMs?: number;
  /** Of the newest registration. */
  readonly updatedAt: number;
}

export interface PlanProblem {
  /** Absent: the plan as a whole. */
  readonly taskId?: string;
  /** Such as `service` or `input.address.line`. */
  readonly field?: string;
  readonly message: string;
}

export type PlanValidation =
  | { readonly ok: true; readonly plan: ResolvedPlan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

const TASK_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** A reference inside a longer text: it would reach the service as text. */
const EMBEDDED_REFERENCE = /\$task\d+\.[A-Za-z_]/;

export function validatePlan(
  plan: Plan,
  data: readonly DataField[] | null,
  services: readonly PlannableService[],
): PlanValidation {
  const problems: PlanProblem[] = [];
  const submitted = Object.fromEntries((data ?? []).map(({ field, value }) => [field, value]));
  const taskZero = checkTaskZero(plan, submitted, problems);
  const planned = plan.tasks.filter(({ id }) => id !== TASK_ZERO);
  if (!checkSize(planned, problems)) return { ok: false, problems };
  checkIds(planned, problems);
  const resolved: ResolvedTask[] = [];
  for (const task of planned) {
    const service = findService(task, services, problems);
    if (service) resolved.push(resolveTask(task, service));
  }
  const byId = new Map(resolved.map((task) => [task.id, task]));
  const known = new Set(planned.map(({ id }) => id));
  for (const task of resolved) checkInput(task, taskZero, byId, known, problems);
  checkCycles(planned, problems);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { tasks: resolved, parallelGroups: levelsOf(resolved), taskZero } };
}

/** What is wrong with a plan whatever the services and data: checked when a plan is registered to be run later. */
export function planFormProblems(plan: Plan): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const planned = plan.tasks.filter(({ id }) => id !== TASK_ZERO);
  if (!checkSize(planned, problems)) return problems;
  checkIds(planned, problems);
  const known = new Set([TASK_ZERO, ...planned.map(({ id }) => id)]);
  for (const { id, input } of planned) {
    for (const { reference, at } of findReferences(input)) {
      if (known.has(reference.taskId)) continue;
      problems.push({
        taskId: id,
        field: `input.${at}`,
        message: `refers to ${reference.taskId}, which is no task of this plan`,
      });
    }
  }
  checkCycles(planned, problems);
  return problems;
}

/** One line a problem: what an error message of a refused plan shows. */
export function describeProblems(problems: readonly PlanProblem[]): string {
  return problems
    .map(
      ({ taskId, field, message }) =>
        [taskId, field].filter(Boolean).join('.') + (taskId || field ? ': ' : '') + message,
    )
    .join('; ');
}

function checkTaskZero(
  plan: Plan,
  submitted: Record<string, unknown>,
  problems: PlanProblem[],
): Record<string, unknown> {
  const taskZero = plan.tasks.find(({ id }) => id === TASK_ZERO);
  if (!taskZero) return submitted;
  for (const [field, value] of Object.entries(submitted)) {
    const planned = taskZero.input[field];
    const refersToItself = parseReference(planned)?.taskId === TASK_ZERO;
    if (Object.hasOwn(taskZero.input, field) && (refersToItself || sameJson(planned, value))) continue;
    problems.push({
      taskId: TASK_ZERO,
      field: `input.${field}`,
      message: 'must hold the submitted value; leave task0 out, then it is the submitted data',
    });
  }
  for (const [field, value] of Object.entries(taskZero.input)) {
    if (!Object.hasOwn(submitted, field) && parseReference(value)) {
      problems.push({ taskId: TASK_ZERO, field: `input.${field}`, message: 'task0 cannot refer to another task' });
    }
  }
  return { ...taskZero.input, ...submitted };
}

/** False when it is too large to look at (E8). */
function checkSize(tasks: readonly PlanTask[], problems: PlanProblem[]): boolean {
  if (tasks.length === 0) problems.push({ message: 'the plan has no task besides task0' });
  if (tasks.length <= PLAN_MAX_TASKS) return true;
  problems.push({ message: `the plan has ${tasks.length} tasks, at most ${PLAN_MAX_TASKS} are allowed` });
  return false;
}

function checkCycles(tasks: readonly PlanTask[], problems: PlanProblem[]): void {
  for (const cycle of findCycles(tasks)) {
    problems.push({ taskId: cycle[0], message: `tasks wait for each other: ${[...cycle, cycle[0]].join(' -> ')}` });
  }
}

function checkIds(tasks: readonly PlanTask[], problems: PlanProblem[]): void {
  const seen = new Set<string>();
  for (const { id } of tasks) {
    if (!TASK_ID.test(id)) {
      problems.push({ taskId: id, field: 'id', message: 'may hold only letters, digits, "-" and "_", at most 64' });
    }
    // Ids differ in more than case, since compensation requests carry them in lower case.
    if (seen.has(id.toLowerCase()))
      problems.push({ taskId: id, field: 'id', message: 'is used by more than one task' });
    seen.add(id.toLowerCase());
  }
}

function findService(
  task: PlanTask,
  services: readonly PlannableService[],
  problems: PlanProblem[],
): PlannableService | undefined {
  const wanted = task.service?.trim() ?? '';
  const problem = (message: string): undefined => {
    problems.push({ taskId: task.id, field: 'service', message });
    return undefined;
  };
  if (wanted === '') return problem('is missing: give the id or the name of a service');
  const byId = services.find(({ id }) => id === wanted || id === wanted.toLowerCase());
  if (byId) return byId;
  const named = services.filter(({ name }) => name === wanted);
  if (named.length === 0) {
    const names = [...new Set(services.map(({ name }) => name))].sort();
    const known = names.length > 0 ? `registered are: ${names.join(', ')}` : 'none is registered in this project';
    return problem(`no service has the id or name "${wanted}"; ${known}`);
  }
  const newest = named.reduce((a, b) => (b.updatedAt > a.updatedAt ? b : a));
  if (named.some(({ schema }) => !sameJson(schema, newest.schema))) {
    return problem(
      `"${wanted}" is registered ${named.length} times with different schemas; give the id of one of them`,
    );
  }
  return newest;
}

function resolveTask({ id, input }: PlanTask, service: PlannableService): ResolvedTask {
  return {
    id,
    serviceId: service.id,
    serviceName: service.name,
    capability: service.description,
    input,
    dependsOn: dependenciesOf(input),
    inputSpec: service.schema.input,
    outputSpec: service.schema.output,
    revertible: service.revertible,
    ...(service.timeoutMs === undefined ? {} : { timeoutMs: service.timeoutMs }),
  };
}

function checkInput(
  task: ResolvedTask,
  taskZero: Record<string, unknown>,
  tasks: ReadonlyMap<string, ResolvedTask>,
  known: ReadonlySet<string>,
  problems: PlanProblem[],
): void {
  const problem = (field: string, message: string): void => {
    problems.push({ taskId: task.id, field: `input.${field}`, message });
  };
  const properties = task.inputSpec.properties ?? {};
  for (const field of task.inputSpec.required ?? []) {
    if (!Object.hasOwn(task.input, field)) problem(field, `is required by ${task.serviceName} and not given`);
  }
  for (const [field, value] of Object.entries(task.input)) {
    const spec = Object.hasOwn(properties, field) ? properties[field] : undefined;
    if (!spec) {
      problem(field, `${task.serviceName} has no such input; it takes: ${Object.keys(properties).sort().join(', ')}`);
      continue;
    }
    if (parseReference(value) === undefined) {
      for (const { path, message } of literalProblems(value, spec)) problem(field + path, message);
    }
  }
  for (const text of embeddedReferences(task.input)) {
    problem(text.at, `"${text.value}" mixes text and a reference; a reference must be the whole value`);
  }
  for (const { reference, at } of findReferences(task.input)) {
    const { taskId, path } = reference;
    const wanted = at in task.input ? properties[at] : undefined;
    if (taskId === TASK_ZERO) checkDataReference(taskZero, path, wanted, (message) => problem(at, message));
    else if (!known.has(taskId)) problem(at, `refers to ${taskId}, which is no task of this plan`);
    else checkOutputReference(tasks.get(taskId), path, wanted, (message) => problem(at, message));
  }
}

function checkDataReference(
  taskZero: Record<string, unknown>,
  path: readonly string[],
  wanted: Spec | undefined,
  problem: (message: string) => void,
): void {
  const [field = '', ...rest] = path;
  if (!Object.hasOwn(taskZero, field) && !Object.hasOwn(taskZero, path.join('.'))) {
    const fields = Object.keys(taskZero).sort();
    problem(
      `refers to the submitted field "${field}", which is not there; submitted: ${fields.join(', ') || 'nothing'}`,
    );
    return;
  }
  if (rest.length > 0 || !wanted) return;
  for (const { path: at, message } of literalProblems(taskZero[field], wanted)) {
    problem(`gets the submitted field "${field}"${at ? ` at ${at}` : ''}: ${message}`);
  }
}

function checkOutputReference(
  source: ResolvedTask | undefined,
  path: readonly string[],
  wanted: Spec | undefined,
  problem: (message: string) => void,
): void {
  if (!source) return;
  const given = specAt(source.outputSpec, path);
  if (given === 'unknown') return;
  if (given === 'missing') {
    const outputs = Object.keys(source.outputSpec.properties ?? {}).sort();
    problem(
      `refers to "${path.join('.')}", which ${source.serviceName} does not return; it returns: ${outputs.join(', ')}`,
    );
    return;
  }
  if (wanted && !typesFit(given, wanted)) {
    problem(`needs ${wanted.type}, but "${path.join('.')}" of ${source.serviceName} is ${given.type}`);
  }
}

function embeddedReferences(input: Readonly<Record<string, unknown>>): { at: string; value: string }[] {
  const found: { at: string; value: string }[] = [];
  const visit = (value: unknown, at: string): void => {
    if (typeof value === 'string') {
      if (!parseReference(value) && EMBEDDED_REFERENCE.test(value)) found.push({ at, value });
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${at}[${index}]`));
    else if (isJsonObject(value)) for (const [name, member] of Object.entries(value)) visit(member, `${at}.${name}`);
  };
  for (const [name, value] of Object.entries(input)) visit(value, name);
  return found;
}

/** One cycle for each knot of tasks that wait for each other. */
function findCycles(tasks: readonly PlanTask[]): string[][] {
  const dependencies = new Map(tasks.map(({ id, input }) => [id, dependenciesOf(input)]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (id: string, path: string[]): void => {
    const start = path.indexOf(id);
    if (start >= 0) {
      cycles.push(path.slice(start));
      return;
    }
    if (done.has(id)) return;
    for (const next of dependencies.get(id) ?? []) visit(next, [...path, id]);
    done.add(id);
  };
  for (const id of dependencies.keys()) visit(id, []);
  return cycles;
}

/** Tasks by depth: those of one level can run side by side. */
function levelsOf(tasks: readonly ResolvedTask[]): string[][] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const depths = new Map<string, number>();
  const depthOf = (task: ResolvedTask): number => {
    const known = depths.get(task.id);
    if (known !== undefined) return known;
    // Guards against a cycle, which is reported elsewhere.
    depths.set(task.id, 0);
    const depth =
      Math.max(-1, ...task.dependsOn.map((id) => (byId.get(id) ? depthOf(byId.get(id) as ResolvedTask) : -1))) + 1;
    depths.set(task.id, depth);
    return depth;
  };
  const levels: string[][] = [];
  for (const task of tasks) (levels[depthOf(task)] ??= []).push(task.id);
  return levels;
}

/** Equal as JSON, whatever the order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}
