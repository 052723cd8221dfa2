/**
 * Valid plans over services made to fit them, with what every task must receive and returns. Built from the inside out:
 * first what each input needs and holds, then the service that takes it and the output or data that gives it.
 */
import fc from 'fast-check';
import {
  formatReference,
  type DataField,
  type Plan,
  type PlanTask,
  type ServiceId,
  type Spec,
} from '@orra-ts/protocol';
import type { PlannableService } from '../../src/domain/plan/plan-services';

/** Whole ones beyond these bounds are refused: JSON cannot hold them exactly. */
const exactNumber = fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

export interface Typed {
  readonly spec: Spec;
  /** Fits the spec. */
  readonly value: unknown;
}

/** Where a value comes from and how deep it lies there and in the input. */
export interface PlannedInput {
  readonly task: string;
  readonly field: string;
  /** In the input's value: `''`, `.inner` or `[0]`. */
  readonly within: string;
  readonly source: 'literal' | 'data' | 'output' | 'constant';
  /** The reference, or the literal. */
  readonly given: unknown;
  readonly required: boolean;
  readonly typed: Typed;
}

export interface ValidPlan {
  readonly action: string;
  readonly plan: Plan;
  readonly data: DataField[];
  /** Fields of task0 that stand in the action. */
  readonly constants: readonly string[];
  readonly services: PlannableService[];
  readonly inputs: readonly PlannedInput[];
  readonly expectedInputs: ReadonlyMap<string, Record<string, unknown>>;
  readonly outputs: ReadonlyMap<string, unknown>;
}

/** Also those that plain objects have already. */
const memberName = fc.constantFrom('a', 'b', 'unit price', 'constructor', 'toString', '__proto__', 'x.y', 'täg');
/** Also texts that nearly are references; those that look like one have no place in a valid plan. */
const text = fc.oneof(
  fc.string().filter((value) => !/\$[A-Za-z_]/.test(value)),
  fc.constantFrom('$100', '$', 'costs $5.00', '$5.00', '$task', 'US$A.x', 'a.b', '{p}', '{{ p.q }}', 'null'),
);

const scalar: fc.Arbitrary<Typed> = fc.oneof(
  text.map((value) => ({ spec: { type: 'string' as const }, value })),
  fc
    .constantFrom('red', 'green')
    .map((value) => ({ spec: { type: 'string' as const, enum: ['red', 'green'] }, value })),
  fc
    .integer({ min: 0, max: 9 })
    .map((value) => ({ spec: { type: 'integer' as const, minimum: 0, maximum: 9 }, value })),
  exactNumber.map((value) => ({ spec: { type: 'number' as const }, value })),
  fc.boolean().map((value) => ({ spec: { type: 'boolean' as const }, value })),
  fc.constant({ spec: { type: 'string' as const, nullable: true }, value: null }),
);

const typed: fc.Arbitrary<Typed> = fc.letrec<{ typed: Typed }>((tie) => ({
  typed: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('typed').map(({ spec, value }) => ({ spec: { type: 'array' as const, items: spec }, value: [value, value] })),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(memberName, tie('typed')), { minLength: 1, maxLength: 3, selector: ([name]) => name }),
        fc.boolean(),
      )
      .map(([members, all]) => ({
        spec: objectSpec(
          members.map(([name, { spec }]) => [name, spec]),
          all ? members.map(([name]) => name) : [],
        ),
        value: Object.fromEntries(members.map(([name, { value }]) => [name, value])),
      })),
  ),
})).typed;

const objectSpec = (properties: [string, Spec][], required: string[]): Spec => ({
  type: 'object',
  properties: Object.fromEntries(properties),
  ...(required.length > 0 ? { required } : {}),
});

interface InputShape {
  readonly typed: Typed;
  readonly source: 'literal' | 'data' | 'output';
  readonly wrap: 'none' | 'object' | 'array';
  readonly depth: 'field' | 'member' | 'item' | 'dotted';
  readonly required: boolean;
  readonly given: boolean;
  readonly from: number;
}

const inputShape: fc.Arbitrary<InputShape> = fc.record({
  typed,
  source: fc.constantFrom('literal', 'data', 'output'),
  wrap: fc.constantFrom('none', 'none', 'object', 'array'),
  depth: fc.constantFrom('field', 'member', 'item', 'dotted'),
  required: fc.boolean(),
  given: fc.boolean(),
  from: fc.nat(),
});

export const validPlan: fc.Arbitrary<ValidPlan> = fc
  .array(fc.array(inputShape, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  .chain((tasks) =>
    fc.record({
      tasks: fc.constant(tasks),
      order: fc.shuffledSubarray([...tasks.keys()], { minLength: tasks.length }),
      names: fc.constantFrom('task', 'step-', 'Left_'),
      taskZero: fc.constantFrom('absent', 'equal', 'referring'),
      said: fc.subarray(SAID),
    }),
  )
  .map(({ tasks, order, names, taskZero, said }) => build(tasks, order, names, taskZero, said));

const ACTION = 'Please send order A-17 to "Port Louis" for $1,250.50 (two pieces)!';
/** What a planner may take from it. */
const SAID = [
  { field: 'said-order', value: 'a-17' },
  { field: 'said-city', value: 'Port  Louis' },
  { field: 'said-price', value: 1250.5 },
];

function build(
  tasks: readonly (readonly InputShape[])[],
  order: readonly number[],
  names: string,
  taskZero: 'absent' | 'equal' | 'referring',
  said: typeof SAID,
): ValidPlan {
  const idOf = (index: number): string => `${names}${index + 1}`;
  const data: DataField[] = [];
  const inputs: PlannedInput[] = [];
  const outputs = tasks.map((): [string, Typed][] => [['done', { spec: { type: 'boolean' }, value: true }]]);
  const expectedInputs = new Map<string, Record<string, unknown>>();
  const planned: PlanTask[] = [];
  const inputSpecs: Spec[] = [];
  for (const [index, shapes] of tasks.entries()) {
    const id = idOf(index);
    const input: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const properties: [string, Spec][] = [];
    const required: string[] = [];
    for (const [position, shape] of shapes.entries()) {
      const field = `in${position}`;
      const { spec, value } = shape.typed;
      properties.push([field, wrappedSpec(spec, shape.wrap)]);
      if (shape.required) required.push(field);
      if (!shape.required && !shape.given) continue;
      // The first task has no other to refer to.
      const source = shape.source === 'output' && index === 0 ? 'data' : shape.source;
      let given = value;
      if (source !== 'literal') {
        const name = `for-${id}-${field}`;
        const { holder, path } = placed(name, shape.typed, shape.depth);
        const from = shape.from % Math.max(index, 1);
        if (source === 'data')
          data.push({
            field: path.length > 1 && shape.depth === 'dotted' ? path.join('.') : name,
            value: holder.value,
          });
        else (outputs[from] as [string, Typed][]).push([shape.depth === 'dotted' ? path.join('.') : name, holder]);
        given = formatReference(source === 'data' ? 'task0' : idOf(from), path);
      }
      input[field] = wrapped(given, shape.wrap);
      expected[field] = wrapped(value, shape.wrap);
      inputs.push({
        task: id,
        field,
        within: { none: '', object: '.inner', array: '[0]' }[shape.wrap],
        source,
        given,
        required: shape.required,
        typed: shape.typed,
      });
    }
    const { field, value } = said[index] ?? {};
    if (field !== undefined) {
      const spec: Spec = { type: typeof value === 'number' ? 'number' : 'string' };
      const given = formatReference('task0', [field]);
      properties.push([field, spec]);
      input[field] = given;
      expected[field] = value;
      inputs.push({ task: id, field, within: '', source: 'constant', given, required: false, typed: { spec, value } });
    }
    planned.push({ id, service: index % 2 === 0 ? serviceId(index) : serviceName(index), input });
    inputSpecs.push(objectSpec(properties, required));
    expectedInputs.set(id, expected);
  }
  const services = tasks.map((_, index): PlannableService => ({
    id: serviceId(index) as ServiceId,
    name: serviceName(index),
    description: `does ${index}`,
    revertible: true,
    updatedAt: 1,
    schema: {
      input: inputSpecs[index] as Spec,
      output: objectSpec(
        (outputs[index] as [string, Typed][]).map(([name, { spec }]) => [name, spec]),
        [],
      ),
    },
  }));
  const shuffled = order.map((index) => planned[index] as PlanTask);
  const constants = said.slice(0, tasks.length);
  const zero = taskZeroOf(data, constants.length > 0 && taskZero === 'absent' ? 'equal' : taskZero, constants);
  return {
    action: ACTION,
    constants: constants.map(({ field }) => field),
    plan: { tasks: zero ? [zero, ...shuffled] : shuffled },
    data,
    services,
    inputs,
    expectedInputs,
    outputs: new Map(
      outputs.map((members, index) => [
        idOf(index),
        Object.fromEntries(members.map(([name, { value }]) => [name, value])),
      ]),
    ),
  };
}

const serviceId = (index: number): string => `s_${'abcdefghij'[index]}`;
const serviceName = (index: number): string => `service-${index}`;

const wrappedSpec = (spec: Spec, wrap: InputShape['wrap']): Spec => {
  if (wrap === 'object') return objectSpec([['inner', spec]], ['inner']);
  return wrap === 'array' ? { type: 'array', items: spec } : spec;
};

const wrapped = (value: unknown, wrap: InputShape['wrap']): unknown => {
  if (wrap === 'object') return { inner: value };
  return wrap === 'array' ? [value] : value;
};

/** What holds the value under `name`, and the path to it. `dotted`: one key that holds the whole path. */
function placed(name: string, { spec, value }: Typed, depth: InputShape['depth']): { holder: Typed; path: string[] } {
  switch (depth) {
    case 'field':
      return { holder: { spec, value }, path: [name] };
    case 'member':
      return { holder: { spec: objectSpec([['deep', spec]], []), value: { deep: value } }, path: [name, 'deep'] };
    case 'item':
      return { holder: { spec: { type: 'array', items: spec }, value: [value] }, path: [name, '0'] };
    case 'dotted':
      return { holder: { spec, value }, path: [name, 'deep'] };
  }
}

function taskZeroOf(
  data: readonly DataField[],
  form: 'absent' | 'equal' | 'referring',
  constants: typeof SAID,
): PlanTask | undefined {
  if (form === 'absent') return undefined;
  const input = data.map(({ field, value }): [string, unknown] => [
    field,
    form === 'equal' ? structuredClone(value) : `$task0.${field}`,
  ]);
  return {
    id: 'task0',
    input: Object.fromEntries([...input, ...constants.map(({ field, value }): [string, unknown] => [field, value])]),
  };
}

/** Any value of a schema as these plans have it; members that are not required may be missing. */
export function valueOf(spec: Spec): fc.Arbitrary<unknown> {
  if (spec['nullable'] === true) return fc.constant(null);
  if (Array.isArray(spec['enum'])) return fc.constantFrom(...(spec['enum'] as unknown[]));
  switch (spec.type) {
    case 'string':
      return text;
    case 'integer':
      return fc.integer({ min: spec.minimum ?? -9, max: spec.maximum ?? 9 });
    case 'number':
      return exactNumber;
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueOf(spec.items as Spec), { maxLength: 2 });
    case 'object': {
      const members = Object.entries(spec.properties ?? {}).map(([name, member]) => {
        const isRequired = (spec.required ?? []).includes(name);
        return fc.tuple(fc.constant(name), valueOf(member), isRequired ? fc.constant(true) : fc.boolean());
      });
      return fc
        .tuple(...members)
        .map((all) => Object.fromEntries(all.flatMap(([name, value, isThere]) => (isThere ? [[name, value]] : []))));
    }
  }
}
