/**
 * What people may see of an orchestration: its state and events with a mask in place of sensitive values. Views, lists,
 * streams, webhooks and records are built from it, and services receive the values.
 *
 * A value is masked in the members that a service declares as sensitive, in the data and outputs that flow into such
 * members, in the inputs that such members flow into, and wherever it occurs in messages and data without a schema.
 */
import {
  SensitiveValues,
  TASK_ZERO,
  hasSensitive,
  isJsonObject,
  maskSensitive,
  maskSensitiveAt,
  parseReference,
  sensitiveSpecAt,
  type InputPath,
  type Spec,
} from '@orra-ts/protocol';
import type { OrchestrationEvent, StoredCompensation } from './events';
import { resultsOf } from './results';
import type { OrchestrationState, TaskState } from './state';
import { findReferences } from '../plan/references';
import type { ResolvedPlan, ResolvedTask } from '../plan/resolved-plan';

export interface ShownOrchestration {
  readonly state: OrchestrationState;
  readonly event: (event: OrchestrationEvent) => OrchestrationEvent;
  /** The same for a part of the state. */
  readonly part: <T>(part: T) => T;
}

const shown = new WeakMap<OrchestrationState, ShownOrchestration>();

export function shownOrchestration(state: OrchestrationState): ShownOrchestration {
  const { plan, data, hidesData } = state;
  if (plan ? !placesOf(plan) : !hidesData || !data) return { state, event: (event) => event, part: (part) => part };
  let result = shown.get(state);
  if (!result) {
    result = masked(state);
    shown.set(state, result);
  }
  return result;
}

/** The plan as people may see it. */
export function shownPlan(plan: ResolvedPlan): ResolvedPlan {
  const places = placesOf(plan);
  if (!places) return plan;
  const values = new SensitiveValues();
  const result = maskPlan(plan, places, values);
  return maskFreeForm(result, values) as ResolvedPlan;
}

function masked(state: OrchestrationState): ShownOrchestration {
  const { plan } = state;
  const places = plan && placesOf(plan);
  const values = new SensitiveValues();
  const known = plan && places ? maskState(state, plan, places, values) : maskData(state, values);
  const part = <T>(original: T): T => maskFreeForm(original, values) as T;
  const result = part(known);
  const { results } = result;
  return {
    state: result,
    event: (event) => (event.type === 'orchestration_completed' && results ? { ...event, results } : part(event)),
    part,
  };
}

/** Without a plan, it is not known which data flow into sensitive members. */
const maskData = (state: OrchestrationState, values: SensitiveValues): OrchestrationState => ({
  ...state,
  data: state.data && state.data.map(({ field, value }) => ({ field, value: maskSensitive(value, ALL, values) })),
});

const ALL: Spec = Object.freeze({ type: 'object', 'x-sensitive': true });

/** A part of a value that is sensitive. */
interface Place {
  readonly path: InputPath;
  readonly spec: Spec;
}

interface Places {
  /** In the outputs of tasks, and in the data for task0. */
  readonly outputs: ReadonlyMap<string, readonly Place[]>;
  readonly inputs: ReadonlyMap<string, readonly Place[]>;
}

const knownPlaces = new WeakMap<ResolvedPlan, Places | undefined>();

/** Undefined if nothing in the plan is sensitive. */
function placesOf(plan: ResolvedPlan): Places | undefined {
  if (!knownPlaces.has(plan)) knownPlaces.set(plan, findPlaces(plan));
  return knownPlaces.get(plan);
}

function findPlaces({ tasks }: ResolvedPlan): Places | undefined {
  if (!tasks.some(({ inputSpec, outputSpec }) => hasSensitive(inputSpec) || hasSensitive(outputSpec))) return undefined;
  const outputs = new Map<string, Place[]>(tasks.map(({ id, outputSpec }) => [id, [{ path: [], spec: outputSpec }]]));
  const inputs = new Map<string, Place[]>(tasks.map(({ id, inputSpec }) => [id, [{ path: [], spec: inputSpec }]]));
  for (const { id, input, inputSpec } of tasks) {
    for (const { reference, path } of findReferences(input)) {
      const receiver = sensitiveSpecAt(inputSpec, path);
      if (receiver) add(outputs, reference.taskId, { path: reference.path, spec: receiver });
      const source = tasks.find((task) => task.id === reference.taskId);
      const sent = source && sensitiveSpecAt(source.outputSpec, reference.path);
      if (sent) add(inputs, id, { path, spec: sent });
    }
  }
  // Data that are sensitive for one task are so for all.
  for (const { id, input } of tasks) {
    for (const { reference, path } of findReferences(input)) {
      for (const place of outputs.get(reference.taskId) ?? []) {
        if (isSamePath(place.path, reference.path)) add(inputs, id, { path, spec: place.spec });
      }
    }
  }
  return { outputs, inputs };
}

const isSamePath = (left: InputPath, right: InputPath): boolean =>
  left.length === right.length && left.every((step, index) => String(step) === String(right[index]));

function add(places: Map<string, Place[]>, taskId: string, place: Place): void {
  places.set(taskId, [...(places.get(taskId) ?? []), place]);
}

const maskAll = (value: unknown, places: readonly Place[] | undefined, values: SensitiveValues): unknown =>
  (places ?? []).reduce((result, { path, spec }) => maskSensitiveAt(result, path, spec, values), value);

function maskPlan(plan: ResolvedPlan, { outputs }: Places, values: SensitiveValues): ResolvedPlan {
  const isReference = (value: unknown): boolean => parseReference(value) !== undefined;
  return {
    ...plan,
    taskZero: maskAll(plan.taskZero, outputs.get(TASK_ZERO), values) as ResolvedPlan['taskZero'],
    tasks: plan.tasks.map((task) => ({
      ...task,
      input: maskSensitive(task.input, task.inputSpec, values, isReference) as ResolvedTask['input'],
    })),
  };
}

/** Masks the members whose schema is known. */
function maskState(
  state: OrchestrationState,
  original: ResolvedPlan,
  places: Places,
  values: SensitiveValues,
): OrchestrationState {
  const output = (taskId: string, value: unknown): unknown => maskAll(value, places.outputs.get(taskId), values);
  const plan = maskPlan(original, places, values);
  const shownTasks = new Map(plan.tasks.map((task) => [task.id, task]));
  const data = state.data && (output(TASK_ZERO, fieldsOf(state.data)) as Readonly<Record<string, unknown>>);
  const stored = (taskId: string, compensation: StoredCompensation): StoredCompensation => ({
    ...compensation,
    data: revertData(
      compensation.data,
      (input) => maskAll(input, places.inputs.get(taskId), values),
      (value) => output(taskId, value),
    ),
  });
  const tasks = new Map<string, TaskState>();
  for (const [id, task] of state.tasks) {
    const { phase } = task;
    tasks.set(id, {
      ...task,
      plan: shownTasks.get(id) ?? task.plan,
      phase:
        phase.kind === 'completed'
          ? {
              ...phase,
              output: output(id, phase.output),
              compensation: phase.compensation && stored(id, phase.compensation),
            }
          : phase,
    });
  }
  const result: OrchestrationState = {
    ...state,
    data: data && state.data.map(({ field }) => ({ field, value: data[field] })),
    plan,
    tasks,
    compensations: state.compensations.map((revert) => ({
      ...revert,
      compensation: revert.compensation && stored(revert.taskId, revert.compensation),
      failure: revert.failure && {
        ...revert.failure,
        output: output(revert.taskId, revert.failure.output),
        otherOutput: output(revert.taskId, revert.failure.otherOutput),
        lateOutput: output(revert.taskId, revert.failure.lateOutput),
      },
    })),
  };
  return state.results ? { ...result, results: resultsOf(result) } : result;
}

const fieldsOf = (data: NonNullable<OrchestrationState['data']>): Record<string, unknown> =>
  Object.fromEntries(data.map(({ field, value }) => [field, value]));

/** The data of a revert contain the input and the output of its task. */
function revertData(
  data: unknown,
  maskInput: (input: unknown) => unknown,
  maskOutput: (output: unknown) => unknown,
): unknown {
  if (!isJsonObject(data)) return data;
  const { originalTask, taskResult } = data;
  return {
    ...data,
    ...(isJsonObject(originalTask) && {
      originalTask: { ...originalTask, input: maskInput(originalTask['input']) },
    }),
    ...(taskResult !== undefined && { taskResult: maskOutput(taskResult) }),
  };
}

/** Members of states and events that come from users and services. All others have ids, names and times. */
const FREE_FORM = new Set([
  'content', 'metadata', 'data', 'taskZero', 'input', 'output', 'otherOutput', 'lateOutput', 'results', 'payload',
  'error', 'message', 'name', 'code', 'details', 'cause', 'causes', 'reason', 'resolution', 'completed', 'remaining', 'problems',
]); // prettier-ignore

/** Members that cannot have values of users. */
const SCHEMAS = new Set(['inputSpec', 'outputSpec']);

function maskFreeForm(value: unknown, values: SensitiveValues): unknown {
  if (values.isEmpty || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => maskFreeForm(item, values));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, maskFreeForm(item, values)]));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => {
      if (SCHEMAS.has(name)) return [name, member];
      return [name, FREE_FORM.has(name) ? values.mask(member) : maskFreeForm(member, values)];
    }),
  );
}
