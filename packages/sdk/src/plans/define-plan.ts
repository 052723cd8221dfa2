/**
 * Plans in code. `build` runs once, when the plan is defined. It receives references instead of values, and the builder
 * records the inputs of each task.
 */
import { describeThrown, encodeStrictJson, isPromiseLike, OrraError } from '@orra-ts/common';
import { isJsonObject, nameProblem, parseReference, TASK_ZERO } from '@orra-ts/protocol';
import { handlerRecords, serviceRecords } from '../metadata/records';
import type { InputOf, OutputOf } from '../decorators/types';
import { isFunctionService, type FunctionService } from '../definition/define-service';
import type { ClassType, InferInput, Schema } from '../schema';
import { planError, sdkError } from '../errors';
import { createRef, encodeRef, isRef, type PlanRef, type PlanInput, wholeOutputOf } from './plan-ref';
import { isRemoteService, type RemoteService } from '../definition/remote-service';

export interface PlanBuilder {
  /**
   * Adds a task: a service class, the method of its handler, and the members of its input. Tasks that do not depend on
   * each other's outputs run concurrently.
   */
  task<S extends object, K extends keyof S & string>(
    service: ClassType<S>,
    handler: K,
    input: PlanInput<InputOf<S[K]>>,
  ): PlanRef<OutputOf<S[K]>>;
  /** Adds a task of a function service, or of a service of another application. */
  task<I, O>(service: FunctionService<I, O> | RemoteService<I, O>, input: PlanInput<I>): PlanRef<O>;
}

/** A recorded task. The name of its service is resolved when the application starts. */
export interface PlannedTask {
  readonly id: string;
  readonly service: { readonly cls: ClassType; readonly method: string } | { readonly name: string };
  /** Literals, and references such as `$task1.address.line`. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A plan for actions that match `action`. Pass it to the factory in `plans`. */
export interface Plan<I = unknown, O = unknown> {
  readonly name: string;
  readonly action: string;
  readonly description?: string;
  readonly input: Schema;
  readonly tasks: readonly PlannedTask[];
  readonly compensation?: 'parallel';
  /** For the compiler only; never set. */
  readonly '~i'?: I;
  readonly '~o'?: O;
}

export interface PlanOptions {
  /** 3 to 63 lower-case letters, digits, `-` and `.`. @default derived from the action */
  readonly name?: string;
  /** Shown in the list of plans. */
  readonly description?: string;
  /**
   * `parallel`: if an orchestration of the plan fails, is aborted or cancelled, its completed tasks are reverted at
   * once. Only a task whose output another task used is reverted after that other task. Engines without this option,
   * such as the Go engine, revert one task at a time. @default one at a time, in reverse order of completion
   */
  readonly compensation?: 'parallel';
}

/**
 * Defines a plan. It runs for actions that match `action`, in which `{member}` is a placeholder for a member of the
 * input.
 *
 * @param build adds the tasks and returns the output of the last one; called once, synchronously
 * @throws OrraError `ORRA_INVALID_PLAN` if the plan is not valid
 *
 * @example
 * const shipOrder = definePlan('Ship order {orderId}', Order, (p, order) => {
 *   const held = p.task(Inventory, 'reserve', { productId: order.productId, quantity: order.quantity });
 *   return p.task(Delivery, 'ship', { reservationId: held.reservationId });
 * });
 */
export function definePlan<S extends Schema, O>(
  action: string,
  input: S,
  build: (plan: PlanBuilder, input: PlanRef<InferInput<S>>) => PlanRef<O>,
  options: PlanOptions = {},
): Plan<InferInput<S>, O> {
  try {
    return record(action, input, build as (plan: PlanBuilder, input: PlanRef<unknown>) => unknown, options);
  } catch (error) {
    if (!(error instanceof OrraError) || error.code !== 'ORRA_INVALID_PLAN') throw error;
    throw sdkError('ORRA_INVALID_PLAN', `definePlan(${JSON.stringify(action)}): ${error.message}`, {
      cause: error.cause,
    });
  }
}

function record(
  action: string,
  input: Schema,
  build: (plan: PlanBuilder, input: PlanRef<unknown>) => unknown,
  options: PlanOptions,
): Plan<never, never> {
  if (typeof action !== 'string' || action.trim() === '') {
    throw planError('the action is empty', "describe what the plan does, such as 'Ship order {orderId}'");
  }
  const name = options.name ?? slug(action);
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw planError(`the plan's name "${name}" ${problem}`, "set one: definePlan(..., { name: 'ship-order' })");
  }
  if ((input as unknown) === undefined) {
    throw planError('its input is undefined', 'pass a class or schema; a circular import often makes it undefined');
  }
  const compensation: unknown = options.compensation;
  if (compensation !== undefined && compensation !== 'parallel') {
    throw planError(
      `the option compensation is ${JSON.stringify(compensation)}`,
      "set it to 'parallel', or omit it for reverts one at a time",
    );
  }
  const builder = new Recorder();
  const result: unknown = build(builder as unknown as PlanBuilder, createRef(builder, TASK_ZERO));
  if (isPromiseLike(result)) {
    throw planError('build is asynchronous', 'wire the tasks without waiting: they run later, on the engine');
  }
  if (builder.tasks.length === 0) throw planError('it has no task', 'add one with p.task(Service, method, input)');
  const last = wholeOutputOf(result, builder);
  if (last === undefined) {
    throw planError(
      'build does not return the output of a task',
      'return the value that p.task(...) returned for the last task',
    );
  }
  builder.close();
  // If no other task uses several outputs, an engine takes the output of the last one as the result.
  const tasks = [...builder.tasks.filter(({ id }) => id !== last), ...builder.tasks.filter(({ id }) => id === last)];
  return Object.freeze({
    name,
    action,
    description: options.description,
    compensation: options.compensation,
    input,
    tasks: Object.freeze(tasks),
  });
}

/** Returns a name of at most 63 characters, the limit for names. */
const slug = (action: string): string =>
  action
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');

class Recorder {
  readonly tasks: PlannedTask[] = [];
  private closed = false;

  close(): void {
    this.closed = true;
  }

  task(service: unknown, ...rest: readonly unknown[]): unknown {
    if (this.closed) throw planError('a task is added after the plan was built', 'add all tasks within build');
    const id = `task${this.tasks.length + 1}`;
    const isNamed = isFunctionService(service) || isRemoteService(service);
    const target = isNamed ? { name: service.options.name } : handlerTarget(id, service, rest[0]);
    const input = this.wired(id, isNamed ? rest[0] : rest[1]);
    this.tasks.push(Object.freeze({ id, service: Object.freeze(target), input: Object.freeze(input) }));
    return createRef(this, id);
  }

  private wired(id: string, input: unknown): Record<string, unknown> {
    if (isRef(input)) {
      throw planError(
        `the whole input of ${id} is a reference`,
        'set its members one by one: { productId: order.productId }',
      );
    }
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      throw planError(`${id} has no input`, 'pass an object with the members of its input');
    }
    return wireMembers(input, id, { plan: this, within: [] });
  }
}

interface Wiring {
  /** The plan whose references may be used. */
  readonly plan: object;
  /** Objects and lists that contain the value. */
  readonly within: readonly unknown[];
}

function wireMembers(members: object, at: string, wiring: Wiring): Record<string, unknown> {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, wireValue(value, `${at}.${name}`, wiring)]));
}

/** Keeps references at any depth; everything else becomes plain data. */
function wireValue(value: unknown, at: string, { plan, within }: Wiring): unknown {
  if (isRef(value)) return encodeRef(value, plan);
  if (!containsRef(value)) return literal(value, at);
  if (within.includes(value))
    throw planError(`${at} cannot be expressed in JSON: it contains itself`, 'use plain data');
  const inside = { plan, within: [...within, value] };
  if (!Array.isArray(value)) return wireMembers(value as object, at, inside);
  return value.map((item, i) => (item === undefined ? null : wireValue(item, `${at}[${i}]`, inside)));
}

function handlerTarget(id: string, service: unknown, method: unknown): { cls: ClassType; method: string } {
  if (service === undefined) {
    throw planError(
      `the service of ${id} is undefined`,
      'a circular import makes it undefined: import it from a file that does not import this one',
    );
  }
  if (typeof service !== 'function') {
    throw planError(
      `the service of ${id} is neither a class nor made by defineService or remoteService`,
      'pass the decorated class itself',
    );
  }
  const cls = service as unknown as ClassType;
  if (serviceRecords(cls).length === 0) {
    throw planError(
      `${cls.name}, the service of ${id}, is not annotated`,
      'annotate it with @OrraService or @OrraAgent',
    );
  }
  const methods = handlerRecords(cls).map((handler) => String(handler.method));
  if (typeof method !== 'string' || !methods.includes(method)) {
    throw planError(
      `${cls.name}.${String(method)}, named by ${id}, is not a handler`,
      methods.length > 0 ? `name one of ${methods.join(', ')}` : `annotate it with @Handler({ input, output })`,
    );
  }
  return { cls, method };
}

/** Returns the JSON form of a literal value. */
function literal(value: unknown, at: string): unknown {
  let json: string | undefined;
  try {
    json = encodeStrictJson(value);
  } catch (thrown) {
    throw planError(`${at} cannot be expressed in JSON: ${describeThrown(thrown)}`, 'use plain data');
  }
  if (json === undefined) throw planError(`${at} cannot be expressed in JSON`, 'use plain data');
  const plain = JSON.parse(json) as unknown;
  rejectReferenceStrings(plain, at);
  return plain;
}

function rejectReferenceStrings(value: unknown, at: string): void {
  if (parseReference(value)) {
    throw planError(
      `${at} is the string ${JSON.stringify(value)}, which an engine would read as a reference`,
      'use the arguments of `build` (order.productId) and the return values of p.task() instead of writing references',
    );
  }
  if (Array.isArray(value)) value.forEach((item, i) => rejectReferenceStrings(item, `${at}[${i}]`));
  else if (isJsonObject(value))
    for (const [name, member] of Object.entries(value)) rejectReferenceStrings(member, `${at}.${name}`);
}

function containsRef(value: unknown, seen = new Set<unknown>()): boolean {
  if (isRef(value)) return true;
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  return Object.values(value).some((member) => containsRef(member, seen));
}
