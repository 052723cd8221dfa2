/**
 * A way to spoil a valid plan in one place, with what has to be said of it. Every problem that is told must be at that task
 * and field: a mistake that is told of other places too sends whoever reads it the wrong way.
 */
import type { Plan, PlanTask, Spec } from '@orra-ts/protocol';
import type { PlannedInput, ValidPlan } from './plan-arbitraries';

export interface Mutant {
  readonly valid: ValidPlan;
  /** Absent: the plan as a whole. `any`: one of several tasks, which one does not matter. */
  readonly taskId?: string;
  /** What is told stands here, or below. */
  readonly field?: string;
  /** Where the same mistake shows too. */
  readonly also?: string;
  readonly says: RegExp;
}

/** Undefined: this plan has nothing to spoil in that way. */
export type Mutation = (valid: ValidPlan, pick: number) => Mutant | undefined;

export const plannedOf = (plan: Plan): PlanTask[] => plan.tasks.filter(({ id }) => id !== 'task0');

export function pickOf<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % items.length];
}

export function withTasks(valid: ValidPlan, change: (task: PlanTask) => PlanTask): ValidPlan {
  return { ...valid, plan: { tasks: valid.plan.tasks.map(change) } };
}

export function withTask(valid: ValidPlan, id: string, change: Partial<PlanTask>): ValidPlan {
  return withTasks(valid, (task) => (task.id === id ? { ...task, ...change } : task));
}

export function withInput(valid: ValidPlan, id: string, field: string, value: unknown): ValidPlan {
  return withTasks(valid, (task) => (task.id === id ? { ...task, input: { ...task.input, [field]: value } } : task));
}

/** What task0 holds, said or not. */
export function taskZeroInput({ plan, data }: ValidPlan): Record<string, unknown> {
  const given = plan.tasks.find(({ id }) => id === 'task0')?.input;
  return given ?? Object.fromEntries(data.map(({ field, value }) => [field, value]));
}

/** Puts a value where an input's value or reference was. */
export function replaced(valid: ValidPlan, { task, field, within }: PlannedInput, value: unknown): ValidPlan {
  const wrapped = within === '' ? value : within === '[0]' ? [value] : { inner: value };
  return withInput(valid, task, field, wrapped);
}

export const ofTask =
  (change: (task: PlanTask, valid: ValidPlan) => ValidPlan, field: string | undefined, says: RegExp): Mutation =>
  (valid, pick) => {
    const task = pickOf(plannedOf(valid.plan), pick) as PlanTask;
    return { valid: change(task, valid), taskId: task.id, field, says };
  };

export const isType =
  (...types: Spec['type'][]) =>
  ({ typed: { spec, value } }: PlannedInput): boolean =>
    types.includes(spec.type) && value !== null;
export const isFromOutput = ({ source }: PlannedInput): boolean => source === 'output';
