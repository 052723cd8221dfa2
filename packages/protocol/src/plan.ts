/**
 * The form of plans: a submitter sends one as an explicit plan, an application registers one as a defined plan, and a
 * model responds with one.
 */
import { Type, type Static } from '@sinclair/typebox';

/** Id of the pseudo task whose input is the submitted data. */
export const TASK_ZERO = 'task0';

export const PlanTaskSchema = Type.Object({
  /** A letter or `_`, then letters, digits, `-` and `_`. Two ids of a plan must differ in more than case. */
  id: Type.String({ minLength: 1 }),
  /** Id or name of a service; absent for task0. */
  service: Type.Optional(Type.String()),
  /** Literals, or references such as `$task1.address.line` as the whole value. */
  input: Type.Record(Type.String(), Type.Unknown()),
});
export type PlanTask = Static<typeof PlanTaskSchema>;

export const PlanSchema = Type.Object(
  {
    tasks: Type.Array(PlanTaskSchema),
    /** Kept for readers; the order of tasks follows from the references alone. */
    parallel_groups: Type.Optional(Type.Union([Type.Array(Type.Array(Type.String())), Type.Null()])),
    /**
     * Our engine: `parallel` runs all reverts at once that need not wait for the revert of a dependent task (E6). Absent or
     * null: one at a time, in reverse order of completion.
     */
    compensation: Type.Optional(Type.Union([Type.Literal('parallel'), Type.Null()])),
  },
  { $id: 'Plan' },
);
export type Plan = Static<typeof PlanSchema>;

/** A plan defined in code, as an application registers it with engines that announce `plans`. */
export const DefinedPlanSchema = Type.Object(
  {
    name: Type.String(),
    /** The action; `{field}` in it stands for a submitted or extracted value. */
    action: Type.String({ minLength: 1 }),
    description: Type.Optional(Type.String()),
    /** JSON Schema of the data. */
    input: Type.Record(Type.String(), Type.Unknown()),
    plan: PlanSchema,
  },
  { $id: 'DefinedPlan' },
);
export type DefinedPlan = Static<typeof DefinedPlanSchema>;

export interface Reference {
  readonly taskId: string;
  /** At least one member; array positions are decimal digits. */
  readonly path: readonly string[];
}

/** The id of a task does not begin with a digit, so `$5.00` stays a price. */
const REFERENCE = /^\$([\p{L}_][^.\s]*)\.(\S.*)$/u;

/** Parses `$task1.a.b`; undefined for any other string, which is a literal. */
export function parseReference(value: unknown): Reference | undefined {
  if (typeof value !== 'string') return undefined;
  const match = REFERENCE.exec(value);
  if (!match) return undefined;
  const [, taskId, path] = match as unknown as [string, string, string];
  return { taskId, path: path.split('.') };
}

/** A place in the input of a task: names of members and positions in arrays. */
export type InputPath = readonly (string | number)[];

/** Such as `lines[0].quantity`. */
export const formatInputPath = (path: InputPath): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

export const formatReference = (taskId: string, path: readonly string[]): string => `$${taskId}.${path.join('.')}`;
