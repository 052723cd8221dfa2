/**
 * Checks a plan from any source against the services of its project and makes it ready to run. All problems are reported
 * together. A plan that passes always ends when its services answer: its graph is finite, acyclic and complete.
 *
 * In this order: size (E8), then the form, which holds whatever the services and data; then task0 against the submitted
 * data; then each task's service, inputs and references.
 */
import {
  PLAN_MAX_TASKS,
  SCHEMA_MAX_DEPTH,
  TASK_ZERO,
  parseReference,
  type DataField,
  type Plan,
  type PlanTask,
  type ServiceId,
  type ServiceSchema,
  type Spec,
} from '@orra-ts/protocol';
import type { ResolvedPlan, ResolvedTask } from './events';
import { findCycles, levelsOf } from './plan-graph';
import { ProblemList, excerpt, type PlanProblem } from './plan-problems';
import { dependenciesOf, findReferences, formatInputPath, lookUp, textsWithDollar, type InputPath } from './references';
import { differences, sameJson } from './same-json';
import { canFit, fitProblems, isRequired, memberSpec, specAt } from './spec-fit';

export { describeProblems, type PlanProblem } from './plan-problems';
export { sameJson } from './same-json';

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

export type PlanValidation =
  | { readonly ok: true; readonly plan: ResolvedPlan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

export interface PlanValidationOptions {
  /**
   * Fields that a submission may have and need not have. A reference to one that is not there is left out of the input,
   * where the service lets it.
   */
  readonly optionalData?: ReadonlySet<string>;
}

type Data = Readonly<Record<string, unknown>>;

const TASK_ID = /^[A-Za-z0-9_-]{1,64}$/;
const NONE: ReadonlySet<string> = new Set();

export function validatePlan(
  plan: Plan,
  data: readonly DataField[] | null,
  services: readonly PlannableService[],
  { optionalData = NONE }: PlanValidationOptions = {},
): PlanValidation {
  const problems = new ProblemList();
  if (!checkSize(plan, problems)) return { ok: false, problems: problems.found };
  const planned = plannedTasks(plan);
  checkForm(plan, problems);
  const submitted = Object.fromEntries((data ?? []).map(({ field, value }) => [field, value]));
  const taskZero = checkTaskZero(plan, submitted, problems);
  const resolved: ResolvedTask[] = [];
  for (const task of planned) {
    const service = findService(task, services);
    if (typeof service === 'string') problems.add(service, task.id, 'service');
    else resolved.push(resolveTask(task, service));
  }
  const tasks = new Map(resolved.map((task) => [task.id, task]));
  for (const task of resolved) {
    checkInput(task, problems);
    checkReferences(task, { taskZero, optionalData, tasks }, problems);
  }
  if (problems.found.length > 0) return { ok: false, problems: problems.found };
  return { ok: true, plan: { tasks: resolved, parallelGroups: levelsOf(resolved), taskZero } };
}

/** What is wrong with a plan whatever the services and data: checked when a plan is registered to be run later. */
export function planFormProblems(plan: Plan): PlanProblem[] {
  const problems = new ProblemList();
  if (checkSize(plan, problems)) checkForm(plan, problems);
  return problems.found;
}

const plannedTasks = (plan: Plan): PlanTask[] => plan.tasks.filter(({ id }) => id !== TASK_ZERO);

/** False when it is too large to look at (E8). */
function checkSize(plan: Plan, problems: ProblemList): boolean {
  const count = plannedTasks(plan).length;
  if (count === 0) problems.add('the plan has no task besides task0');
  // Beside the planned tasks there is one task0; more of them are no way around the bound.
  if (plan.tasks.length > PLAN_MAX_TASKS + 1 || count > PLAN_MAX_TASKS) {
    problems.add(`the plan has ${plan.tasks.length} tasks, at most ${PLAN_MAX_TASKS} are allowed`);
    return false;
  }
  const tooDeep = plan.tasks.filter(({ input }) => isDeeperThan(input, SCHEMA_MAX_DEPTH));
  for (const { id } of tooDeep) problems.add(`is nested more than ${SCHEMA_MAX_DEPTH} levels deep`, id, 'input');
  return tooDeep.length === 0;
}

/** Level by level, since what it looks for would exhaust the stack. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

function checkForm(plan: Plan, problems: ProblemList): void {
  const planned = plannedTasks(plan);
  if (plan.tasks.length - planned.length > 1) problems.add('is given more than once', TASK_ZERO, 'id');
  checkIds(planned, problems);
  const known = new Set([TASK_ZERO, ...planned.map(({ id }) => id)]);
  for (const { id, input } of planned) {
    for (const { text, path } of textsWithDollar(input)) {
      const message = referenceFormProblem(text, known);
      if (message !== undefined) problems.add(message, id, `input.${formatInputPath(path)}`);
    }
  }
  for (const cycle of findCycles(planned.map(({ id, input }) => ({ id, dependsOn: dependenciesOf(input) })))) {
    problems.add(`tasks wait for each other: ${[...cycle, cycle[0]].join(' -> ')}`, cycle[0]);
  }
}

function checkIds(tasks: readonly PlanTask[], problems: ProblemList): void {
  const seen = new Set<string>([TASK_ZERO]);
  for (const { id } of tasks) {
    if (!TASK_ID.test(id)) problems.add('may hold only letters, digits, "-" and "_", at most 64', id, 'id');
    // Ids differ in more than case, since compensation requests carry them in lower case.
    if (seen.has(id.toLowerCase())) problems.add('is used by more than one task', id, 'id');
    seen.add(id.toLowerCase());
  }
}

/** What is wrong with a text that is a reference, or looks like one: it would reach the service as text. */
function referenceFormProblem(text: string, known: ReadonlySet<string>): string | undefined {
  const reference = parseReference(text);
  const beyond = reference && known.has(reference.taskId) ? text.slice(1) : text;
  for (const [, id = ''] of beyond.matchAll(/\$([A-Za-z0-9_-]{1,64})\.[\p{L}\p{N}_]/gu)) {
    if (known.has(id)) return `"${excerpt(text)}" mixes text and a reference; a reference must be the whole value`;
  }
  if (reference && !known.has(reference.taskId)) {
    return `refers to ${excerpt(reference.taskId)}, which is no task of this plan; a text of this form has to be submitted as data`;
  }
  if (text.startsWith('$') && known.has(text.slice(1))) {
    return `"${text}" names a task, but nothing of its output; write ${text}.field`;
  }
  return undefined;
}

function checkTaskZero(plan: Plan, submitted: Data, problems: ProblemList): Data {
  const taskZero = plan.tasks.find(({ id }) => id === TASK_ZERO);
  if (!taskZero) return submitted;
  if (taskZero.service) problems.add('stands for the submitted data and has no service', TASK_ZERO, 'service');
  for (const [field, value] of Object.entries(submitted)) {
    const planned = Object.hasOwn(taskZero.input, field) ? taskZero.input[field] : undefined;
    if (planned === `$${TASK_ZERO}.${field}` || sameJson(planned, value)) continue;
    const message = 'must hold the submitted value; leave task0 out, then it is the submitted data';
    problems.add(message, TASK_ZERO, `input.${field}`);
  }
  const constants = Object.fromEntries(
    Object.entries(taskZero.input).filter(([field]) => !Object.hasOwn(submitted, field)),
  );
  for (const { path } of findReferences(constants)) {
    problems.add('task0 cannot refer to a task', TASK_ZERO, `input.${formatInputPath(path)}`);
  }
  return { ...constants, ...submitted };
}

/** The service, or why there is none. */
function findService({ service = '' }: PlanTask, services: readonly PlannableService[]): PlannableService | string {
  const wanted = service.trim();
  if (wanted === '') return 'is missing: give the id or the name of a service';
  // Ids are lower case, and a model may write them otherwise.
  const byId = services.find(({ id }) => id === wanted || id === wanted.toLowerCase());
  if (byId) return byId;
  const named = services.filter(({ name }) => name === wanted);
  const [first] = named;
  if (!first) {
    const names = [...new Set(services.map(({ name }) => name))].sort();
    const known = names.length > 0 ? `registered are: ${names.join(', ')}` : 'none is registered in this project';
    return `no service has the id or name "${excerpt(wanted)}"; ${known}`;
  }
  const newest = named.reduce((a, b) => (b.updatedAt > a.updatedAt ? b : a), first);
  const other = named.find(({ schema }) => !sameJson(schema, newest.schema));
  if (!other) return newest;
  return (
    `"${wanted}" is registered ${named.length} times with different schemas: ${newest.id} (the newest) and ${other.id} ` +
    `differ at ${differences(newest.schema, other.schema).join(', ')}; give the id of the one that is meant`
  );
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

const isReference = (value: unknown): boolean => parseReference(value) !== undefined;

function checkInput({ id, serviceName, input, inputSpec }: ResolvedTask, problems: ProblemList): void {
  for (const field of Object.keys(input)) {
    if (memberSpec(inputSpec, field)) continue;
    const fields = Object.keys(inputSpec.properties ?? {}).sort();
    problems.add(`${serviceName} has no such input; it takes: ${fields.join(', ')}`, id, `input.${field}`);
  }
  for (const { path, message } of fitProblems(input, inputSpec, isReference)) {
    if (problems.isFull) return;
    problems.add(`${message} (${serviceName})`, id, `input${path}`);
  }
}

interface Sources {
  readonly taskZero: Data;
  readonly optionalData: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, ResolvedTask>;
}

/** References to tasks that are not there are found by the check of the form. */
function checkReferences(task: ResolvedTask, sources: Sources, problems: ProblemList): void {
  for (const { reference, path } of findReferences(task.input)) {
    if (problems.isFull) return;
    const source = sources.tasks.get(reference.taskId);
    const found =
      reference.taskId === TASK_ZERO
        ? dataProblem(reference.path, task.inputSpec, path, sources)
        : source && outputProblem(source, reference.path, wantedAt(task.inputSpec, path));
    if (found !== undefined) problems.add(found, task.id, `input.${formatInputPath(path)}`);
  }
}

function dataProblem(path: readonly string[], inputSpec: Spec, at: InputPath, sources: Sources): string | undefined {
  const { taskZero, optionalData } = sources;
  const name = path.join('.');
  const value = lookUp(taskZero, path);
  if (value === undefined) {
    if (!optionalData.has(path[0] ?? '')) {
      const fields = Object.keys(taskZero).sort().join(', ') || 'nothing';
      return `refers to the submitted field "${name}", which is not there; submitted: ${fields}`;
    }
    return mayBeLeftOut(inputSpec, at) ? undefined : `is required, and "${name}" was not submitted`;
  }
  const wanted = wantedAt(inputSpec, at);
  if (!wanted) return undefined;
  for (const problem of fitProblems(value, wanted)) {
    return `gets the submitted field "${name}"${problem.path}, which ${problem.message}`;
  }
  return undefined;
}

function outputProblem(
  { serviceName, outputSpec }: ResolvedTask,
  path: readonly string[],
  wanted: Spec | undefined,
): string | undefined {
  const given = specAt(outputSpec, path);
  if (given === 'missing') {
    const outputs = Object.keys(outputSpec.properties ?? {}).sort();
    return `refers to "${path.join('.')}", which ${serviceName} does not return; it returns: ${outputs.join(', ')}`;
  }
  if (!wanted || canFit(given, wanted)) return undefined;
  const types =
    given.type === wanted.type ? `${wanted.type} of another form` : `${wanted.type}, and this is ${given.type}`;
  return `gets "${path.join('.')}" of ${serviceName}, which must be ${types}`;
}

/** The schema of a place in an input, as far as it is declared. */
function wantedAt(inputSpec: Spec, path: InputPath): Spec | undefined {
  let spec: Spec | undefined = inputSpec;
  for (const step of path) spec = spec && memberSpec(spec, step);
  return spec;
}

/** Members whose reference leads nowhere are left out; items of arrays cannot be. */
function mayBeLeftOut(inputSpec: Spec, path: InputPath): boolean {
  const name = path.at(-1);
  const owner = wantedAt(inputSpec, path.slice(0, -1));
  return typeof name === 'string' && !(owner && isRequired(owner, name));
}
