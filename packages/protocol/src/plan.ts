/**
 * The plan form: what a submitter sends as an explicit plan, an app registers as a defined plan, and a model answers
 * with. Protocol page, section 5.5; design, sections 5 and 6.
 */
import { Type, type Static } from '@sinclair/typebox';

/** Id of the pseudo task whose input is the submitted data. */
export const TASK_ZERO = 'task0';

export const PlanTaskSchema = Type.Object({
  /** Begins with a letter or `_`, then letters, digits, `-` and `_`; ids differ in more than case. */
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
    /** Kept for readers; order follows from the references alone. */
    parallel_groups: Type.Optional(Type.Union([Type.Array(Type.Array(Type.String())), Type.Null()])),
  },
  { $id: 'Plan' },
);
export type Plan = Static<typeof PlanSchema>;

/** A plan defined in code, as an app registers it with engines that announce `plans`. */
export const DefinedPlanSchema = Type.Object(
  {
    name: Type.String(),
    /** Action text; `{field}` in it stands for a submitted or extracted value. */
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

/** No task's id begins with a digit, so that `$5.00` stays a price. */
const REFERENCE = /^\$([\p{L}_][^.\s]*)\.(\S.*)$/u;

/** Reads `$task1.a.b`; anything else is a literal. */
export function parseReference(value: unknown): Reference | undefined {
  if (typeof value !== 'string') return undefined;
  const match = REFERENCE.exec(value);
  if (!match) return undefined;
  const [, taskId, path] = match as unknown as [string, string, string];
  return { taskId, path: path.split('.') };
}

/** Where something stands in the input of a task: names of members and positions in arrays. */
export type InputPath = readonly (string | number)[];

/** Such as `lines[0].quantity`. */
export const formatInputPath = (path: InputPath): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

export const formatReference = (taskId: string, path: readonly string[]): string => `$${taskId}.${path.join('.')}`;
