/** References: placeholders for values that exist only when the plan runs. */
import { formatReference, TASK_ZERO } from '@orra-ts/protocol';
import { planError } from '../errors';

declare const refOf: unique symbol;

/**
 * A reference to a value of type `T` in the data of a plan or in the output of an earlier task. Its members are
 * references too, also those of an optional value: a member that is absent when the plan runs is omitted.
 */
export type PlanRef<T> = { readonly [refOf]?: T | undefined } & PlanRefMembers<Exclude<T, null | undefined>>;

type PlanRefMembers<T> = T extends object ? { readonly [K in keyof T]: PlanRef<T[K]> } : unknown;

/** Members of an input: values, references, or objects and lists that contain references. */
export type PlanInput<T> = { [K in keyof T]: T[K] | PlanRef<T[K]> | NestedPlanInput<T[K]> };

type NestedPlanInput<T> = T extends object ? PlanInput<T> : never;

const TARGET = Symbol('orra.ref');

interface RefTarget {
  readonly plan: object;
  readonly taskId: string;
  readonly path: readonly string[];
}

/** `plan` identifies the plan of the reference. */
export function createRef<T>(plan: object, taskId: string, path: readonly string[] = []): PlanRef<T> {
  const target: RefTarget = { plan, taskId, path };
  const name = describeTarget(target);
  const useless = (use: string): never => {
    throw planError(
      `${name} ${use} while the plan is defined, but it stands for a value that exists only when the plan runs`,
      'use it as the whole value of a member, and compute in a service',
    );
  };
  const members = new Map<string, unknown>();
  return new Proxy(Object.create(null) as object, {
    get(_, key) {
      if (key === TARGET) return target;
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'valueOf' || key === 'toJSON') {
        return () => useless('is used as a string or number');
      }
      if (key === Symbol.iterator || key === Symbol.asyncIterator) return () => useless('is iterated');
      if (typeof key === 'symbol') return undefined;
      // `await` looks for `then`; awaiting a reference returns the reference.
      if (key === 'then') return undefined;
      if (!members.has(key)) members.set(key, createRef(plan, taskId, [...path, key]));
      return members.get(key);
    },
    ownKeys: () => useless('is spread or enumerated'),
    has: () => useless('is tested for members'),
    set: () => useless('is assigned to'),
    deleteProperty: () => useless('is changed'),
  }) as PlanRef<T>;
}

const describeTarget = ({ taskId, path }: RefTarget): string => {
  const root = taskId === TASK_ZERO ? 'the input' : `the output of ${taskId}`;
  return path.length > 0 ? `${path.join('.')} of ${root}` : root;
};

const targetOf = (value: unknown): RefTarget | undefined =>
  typeof value === 'object' && value !== null ? ((value as { [TARGET]?: RefTarget })[TARGET] ?? undefined) : undefined;

export const isRef = (value: unknown): boolean => targetOf(value) !== undefined;

/**
 * Returns the string form of a reference for the engine, such as `$task1.address.line`.
 *
 * @throws OrraError `ORRA_INVALID_PLAN` for a reference of another plan, or a reference to a whole input or output
 */
export function encodeRef(value: unknown, plan: object): string {
  const target = targetOf(value) as RefTarget;
  if (target.plan !== plan) {
    throw planError(`${describeTarget(target)} belongs to another plan`, 'use the references of this plan');
  }
  if (target.path.length === 0) {
    throw planError(`${describeTarget(target)} is used as a whole`, 'name a member of it, such as order.productId');
  }
  const dotted = target.path.find((member) => member.includes('.') || /\s/.test(member));
  if (dotted !== undefined) {
    throw planError(
      `the member ${JSON.stringify(dotted)} cannot be referenced`,
      'give it a name without dots and spaces',
    );
  }
  return formatReference(target.taskId, target.path);
}

/** Returns the id of the task if the value is a reference to its whole output, otherwise undefined. */
export function wholeOutputOf(value: unknown, plan: object): string | undefined {
  const target = targetOf(value);
  if (!target || target.plan !== plan || target.path.length > 0 || target.taskId === TASK_ZERO) return undefined;
  return target.taskId;
}
