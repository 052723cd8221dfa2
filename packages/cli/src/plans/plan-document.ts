/**
 * Converts the plan of one request into a reusable plan: values become references to the data, words of the action become
 * params, and the data gets a schema. All replacements are reported, because a reviewer checks the plan before it is
 * applied.
 */
import {
  type PlanPreview,
  type PlannedTaskView,
  type Reference,
  SENSITIVE_MASK,
  TASK_ZERO,
  formatReference,
  isJsonObject,
  parseReference,
  formatInputPath,
  type InputPath,
} from '@orra-ts/protocol';
import { CliError } from '../errors';
import { actionParams } from './action-params';
import { type JsonSchema, inputSchema } from './input-schema';
import { mapLeaves } from './walk-input';

export interface DocumentTask {
  readonly id: string;
  /** Name of the service. */
  readonly service: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The content of a `.plan.yaml`. */
export interface PlanDocument {
  readonly name: string;
  readonly action: string;
  readonly description: string;
  /** JSON Schema of the data. */
  readonly input: JsonSchema;
  /** Absent: reverts run one at a time. */
  readonly compensation?: 'parallel';
  readonly tasks: readonly DocumentTask[];
}

export interface Replacement {
  /** Id of the task in the document. */
  readonly task: string;
  /** Such as `lines[0].sku`. */
  readonly field: string;
  readonly value: unknown;
  /** Such as `$task0.sku`. */
  readonly reference: string;
}

export interface PinnedPlan {
  readonly document: PlanDocument;
  /** Literals of tasks that became references to the data. */
  readonly replaced: readonly Replacement[];
  /** Constants that stay literals in the tasks, because the action does not contain them. */
  readonly fixed: readonly { readonly name: string; readonly value: unknown }[];
  /** Values that match several fields and stay literals. */
  readonly undecided: readonly { readonly value: unknown; readonly fields: readonly string[] }[];
  /** Tasks whose id differs from the one in the shown plan. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

export interface PlanToPin {
  readonly name: string;
  /** The submitted action. */
  readonly action: string;
  /** The submitted data. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly preview: PlanPreview;
}

/** Shorter values may be equal by coincidence. */
const MIN_STRING_LENGTH = 3;
const MIN_DIGITS = 3;

/**
 * @throws CliError `ORRA_PLAN_NOT_SAVED` when there is no plan, a literal of it is sensitive, or the action contains
 * `{words}` that are not fields
 */
export function pinPlan({ name, action, data, preview }: PlanToPin): PinnedPlan {
  const planned = inExecutionOrder((preview.plan?.tasks ?? []).filter(({ id }) => id !== TASK_ZERO));
  if (preview.outcome !== 'planned' || planned.length === 0) {
    throw new CliError('ORRA_PLAN_NOT_SAVED', 'there is no plan to save');
  }
  rejectDuplicateServiceNames(planned);
  const { compensation } = preview.plan ?? {};
  const constants = Object.fromEntries(
    Object.entries(preview.taskZero ?? {}).filter(([field]) => !Object.hasOwn(data, field)),
  );
  const params = actionParams(action, { ...constants, ...data });
  if (params.unknown.length > 0) {
    throw new CliError(
      'ORRA_PLAN_NOT_SAVED',
      `the action has {${params.unknown.join('}, {')}}, which a plan would read as fields of its data`,
      { next: 'pass them as data (-d name:value), or write the action without braces' },
    );
  }
  const isField = (field: string): boolean => Object.hasOwn(data, field) || params.names.includes(field);
  const fields = Object.fromEntries(Object.entries({ ...data, ...constants }).filter(([field]) => isField(field)));
  const ids = new Map(planned.map(({ id }, i) => [id, `task${i + 1}`]));
  const values = new FieldsByValue(fields);
  const replaced: Replacement[] = [];
  const tasks = planned.map(({ id, service_name: service, input }) => {
    const task = ids.get(id) ?? id;
    const rewrite = (value: unknown, path: InputPath): unknown => {
      const reference = parseReference(value);
      if (reference?.taskId === TASK_ZERO) {
        const [field = '', whole] = [reference.path[0], reference.path.join('.')];
        return isField(field) || isField(whole) ? value : lookUp(constants, reference.path);
      }
      if (reference) return formatReference(ids.get(reference.taskId) ?? reference.taskId, reference.path);
      const field = values.fieldOf(value);
      if (field === undefined) return value;
      const made = formatReference(TASK_ZERO, [field]);
      replaced.push({ task, field: formatInputPath(path), value, reference: made });
      return made;
    };
    return { id: task, service, input: mapLeaves(input, rewrite) };
  });
  rejectMasks(tasks);
  const using = tasks.map(({ input }, i) => ({ input, inputSpec: (planned[i] as PlannedTaskView).expected_input }));
  return {
    document: {
      name,
      action: params.action,
      description: descriptionOf(tasks),
      input: inputSchema(fields, using, params.names),
      ...(compensation && { compensation }),
      tasks,
    },
    replaced,
    fixed: Object.entries(constants)
      .filter(([field]) => !isField(field))
      .map(([constant, value]) => ({ name: constant, value })),
    undecided: [...params.ambiguous.map(({ text, fields: of }) => ({ value: text, fields: of })), ...values.undecided],
    renamed: [...ids].filter(([from, to]) => from !== to).map(([from, to]) => ({ from, to })),
  };
}

/** A saved plan refers to services by name, because ids belong to one engine. */
function rejectDuplicateServiceNames(tasks: readonly PlannedTaskView[]): void {
  for (const { service, service_name: name } of tasks) {
    const other = tasks.find((task) => task.service_name === name && task.service !== service);
    if (!other) continue;
    throw new CliError(
      'ORRA_PLAN_NOT_SAVED',
      `the plan uses two services named ${name} (${service} and ${other.service}), which a saved plan cannot distinguish`,
      { next: 'register one of them under another name' },
    );
  }
}

/** Finds the only field that has a given value. */
class FieldsByValue {
  private readonly fields = new Map<string, string[]>();
  private readonly seen = new Map<string, { readonly value: unknown; readonly fields: readonly string[] }>();

  constructor(data: Readonly<Record<string, unknown>>) {
    for (const [field, value] of Object.entries(data)) {
      // A reference cannot contain field names with dots or whitespace.
      if (!isDistinctive(value) || /[.\s]/.test(field)) continue;
      const key = JSON.stringify(value);
      this.fields.set(key, [...(this.fields.get(key) ?? []), field]);
    }
  }

  get undecided(): readonly { readonly value: unknown; readonly fields: readonly string[] }[] {
    return [...this.seen.values()];
  }

  fieldOf(value: unknown): string | undefined {
    const key = JSON.stringify(value);
    const fields = this.fields.get(key) ?? [];
    if (fields.length > 1) this.seen.set(key, { value, fields });
    return fields.length === 1 ? fields[0] : undefined;
  }
}

const isDistinctive = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.length >= MIN_STRING_LENGTH
    : typeof value === 'number' && String(value).replace(/\D/g, '').length >= MIN_DIGITS;

/**
 * Sorts the tasks by their dependencies, otherwise in the order of the plan. The task whose output is the result comes last,
 * as in plans in code: of several unused outputs, engines return that of the last task.
 */
function inExecutionOrder(tasks: readonly PlannedTaskView[]): PlannedTaskView[] {
  const waitsFor = new Map(tasks.map(({ id, input }) => [id, taskIdsIn(input)]));
  const used = new Set([...waitsFor.values()].flatMap((ids) => [...ids]));
  const result = tasks.findLast(({ id }) => !used.has(id));
  const ordered: PlannedTaskView[] = [];
  const isOrdered = (id: string): boolean => ordered.some((task) => task.id === id) || !waitsFor.has(id);
  for (;;) {
    const ready = tasks.filter(({ id }) => !isOrdered(id) && [...(waitsFor.get(id) ?? [])].every(isOrdered));
    const next = ready.find((task) => task !== result) ?? ready[0];
    // All tasks are ordered: plans that an engine has checked have no cycle.
    if (!next) return ordered;
    ordered.push(next);
  }
}

export function taskIdsIn(input: Readonly<Record<string, unknown>>): Set<string> {
  const ids = new Set<string>();
  mapLeaves(input, (value) => {
    const reference = parseReference(value);
    if (reference && reference.taskId !== TASK_ZERO) ids.add(reference.taskId);
  });
  return ids;
}

function lookUp(value: unknown, path: Reference['path']): unknown {
  let current = value;
  for (const part of path) {
    if (Array.isArray(current)) current = (current as unknown[])[Number(part)];
    else current = isJsonObject(current) && Object.hasOwn(current, part) ? current[part] : undefined;
  }
  return current;
}

/** Description for the list of plans: the services in execution order. */
function descriptionOf(tasks: readonly DocumentTask[]): string {
  const levels = levelsOf(tasks).map((level) => {
    const names = [...new Set(level.map(({ service }) => service))];
    return names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  });
  return `Runs ${levels.join(', then ')}`;
}

/** Groups the tasks by level. Tasks of one level can run in parallel. */
export function levelsOf<Task extends { readonly id: string; readonly input: Readonly<Record<string, unknown>> }>(
  tasks: readonly Task[],
): Task[][] {
  const depths = new Map<string, number>();
  const depthOf = (task: Task): number => {
    const known = depths.get(task.id);
    if (known !== undefined) return known;
    // Ends the recursion in plans with a cycle, which an engine has not checked.
    depths.set(task.id, 0);
    const ids = taskIdsIn(task.input);
    const before = tasks.filter(({ id }) => ids.has(id));
    const depth = Math.max(0, ...before.map((one) => depthOf(one) + 1));
    depths.set(task.id, depth);
    return depth;
  };
  const levels: Task[][] = [];
  for (const task of tasks) (levels[depthOf(task)] ??= []).push(task);
  return levels.filter((level) => level.length > 0);
}

/** The engine shows a mask in place of a sensitive literal, and services would receive the mask. */
function rejectMasks(tasks: readonly DocumentTask[]): void {
  for (const { id, service, input } of tasks) {
    mapLeaves(input, (value, path) => {
      if (value !== SENSITIVE_MASK) return value;
      throw new CliError(
        'ORRA_PLAN_NOT_SAVED',
        `${formatInputPath(path)} of ${id} (${service}) is a sensitive value from the action, which the engine does not show`,
        { next: 'pass the value as data (-d name:value), so that the plan refers to it' },
      );
    });
  }
}
