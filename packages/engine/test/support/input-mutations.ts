/** Mutations that make an input of a task, or a reference in it, invalid. */
import {
  isFromOutput,
  isType,
  ofTask,
  pickOf,
  plannedOf,
  replaced,
  taskZeroInput,
  withInput,
  withTasks,
  type Mutation,
} from './plan-mutation';
import type { PlannedInput, ValidPlan } from './plan-arbitraries';

const isLiteral = ({ source }: PlannedInput): boolean => source === 'literal';
const hasEnum = ({ typed: { spec } }: PlannedInput): boolean => spec['enum'] !== undefined;
const isFromData = ({ source }: PlannedInput): boolean => source === 'data';
const anyInput = (): boolean => true;

/** A mutation of one of the inputs. */
const ofInput =
  (
    suits: (input: PlannedInput) => boolean,
    change: (input: PlannedInput, valid: ValidPlan) => unknown,
    says: RegExp,
    below: (input: PlannedInput) => string = () => '',
  ): Mutation =>
  (valid, pick) => {
    const input = pickOf(valid.inputs.filter(suits), pick);
    if (!input) return undefined;
    const field = `input.${input.field}${input.within}${below(input)}`;
    return { valid: replaced(valid, input, change(input, valid)), taskId: input.task, field, says };
  };

export const INPUT_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a required input is dropped': (valid, pick) => {
    const input = pickOf(
      valid.inputs.filter(({ required }) => required),
      pick,
    );
    if (!input) return undefined;
    const changed = withTasks(valid, (task) => {
      if (task.id !== input.task) return task;
      const { [input.field]: _, ...rest } = task.input;
      return { ...task, input: rest };
    });
    return { valid: changed, taskId: input.task, field: `input.${input.field}`, says: /is required and missing/ };
  },
  'a required input is renamed': (valid, pick) => {
    const input = pickOf(
      valid.inputs.filter(({ required }) => required),
      pick,
    );
    if (!input) return undefined;
    const changed = withTasks(valid, (task) => {
      if (task.id !== input.task) return task;
      const { [input.field]: value, ...rest } = task.input;
      return { ...task, input: { ...rest, [`${input.field}x`]: value } };
    });
    return {
      valid: changed,
      taskId: input.task,
      field: `input.${input.field}x`,
      also: `input.${input.field}`,
      says: new RegExp(`its inputs are: ${input.field}`),
    };
  },
  'an input is unknown': ofTask(
    (task, valid) => withInput(valid, task.id, 'more', 1),
    'input.more',
    /is not an input of .*; its inputs are: in0/,
  ),
  'an unknown input has the name of an inherited member': ofTask(
    (task, valid) => withInput(valid, task.id, 'hasOwnProperty', '$task0.x'),
    'input.hasOwnProperty',
    /is not an input of .*; its inputs are/,
  ),
  'an input has the name of a reference': ofTask(
    (task, valid) => withInput(valid, task.id, `$${task.id}.done`, true),
    'input.$',
    /is the name of a member; only values can be references/,
  ),
  'a member has the name of a reference': (valid, pick) => {
    const input = pickOf(
      valid.inputs.filter(({ within }) => within === '.inner'),
      pick,
    );
    if (!input) return undefined;
    const name = `$${input.task}.done`;
    return {
      valid: withInput(valid, input.task, input.field, { inner: input.given, [name]: 1 }),
      taskId: input.task,
      field: `input.${input.field}.${name}`,
      says: /is the name of a member; only values can be references/,
    };
  },
  'a literal is of another type': ofInput(
    isLiteral,
    ({ typed: { spec } }) => (spec.type === 'boolean' ? 1 : true),
    /must be .*, found/,
  ),
  'a literal is a fraction where an integer is required': ofInput(
    isType('integer'),
    () => 1.5,
    /must be integer, at least 0, at most 9, found number 1.5/,
  ),
  'a number is out of range': ofInput(isType('integer'), () => 10, /must be at most 9, found 10/),
  'a number is below its range': ofInput(isType('integer'), () => -1, /must be at least 0, found -1/),
  'a value is not in the enum': ofInput(hasEnum, () => 'blue', /must be one of \["red","green"\], found string "blue"/),
  'a value is null where it is not allowed': ofInput(
    ({ typed: { value } }) => value !== null,
    () => null,
    /found null/,
  ),
  'an item of a literal is wrong': ofInput(
    isType('array'),
    ({ typed: { spec, value } }) => [...(value as unknown[]), spec.items?.type === 'boolean' ? 1 : true],
    /must be .*, found/,
    ({ typed: { value } }) => `[${(value as unknown[]).length}]`,
  ),
  'a reference names an unknown task': ofInput(
    anyInput,
    () => '$nobody.value',
    /refers to nobody, which is not a task/,
  ),
  'a reference names an unknown output': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.nothing`,
    /refers to "nothing", which service-\d does not return; it returns: done/,
  ),
  'a reference names an unknown task by another case': ofInput(
    isFromOutput,
    ({ given }) =>
      String(given).replace(/^\$[a-z]/i, (start) => (start < '$a' ? start.toLowerCase() : start.toUpperCase())),
    /refers to \S+, which is not a task of this plan; its tasks are: /,
  ),
  'a nested path does not resolve': ofInput(
    (input) => isFromOutput(input) && String(input.given).split('.').length > 2,
    ({ given }) => `${String(given).split('.').slice(0, -1).join('.')}.nothing`,
    /refers to "\S+\.nothing", which service-\d does not return; (its "\S+" (has|is)|it returns)/,
  ),
  'a path continues after a scalar': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.done.more`,
    /refers to "done.more", which/,
  ),
  'a reference names an inherited member': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.valueOf`,
    /does not return/,
  ),
  'a reference names data that were not submitted': ofInput(
    anyInput,
    () => '$task0.nothing',
    /refers to the submitted field "nothing", which does not exist/,
  ),
  'a reference into the data does not resolve': ofInput(
    isFromData,
    ({ given }) => `${String(given)}.nothing.more`,
    /which does not exist/,
  ),
  'an output is of another type': ofInput(
    (input) => isFromOutput(input) && input.typed.spec.type !== 'boolean',
    ({ given }) => `${String(given).split('.')[0]}.done`,
    /gets "done" of service-\d, which is boolean and must be .*; (its fitting outputs are: |none of its outputs fits)/,
  ),
  'submitted data are of another type': (valid, pick) => {
    const input = pickOf(valid.inputs.filter(isFromData), pick);
    if (!input) return undefined;
    const value = input.typed.spec.type === 'boolean' ? '$task1.value' : false;
    const data = [...valid.data, { field: 'wrong', value }];
    const zero = { id: 'task0', input: { ...taskZeroInput(valid), wrong: value } };
    const changed = replaced(
      { ...valid, data, plan: { tasks: [zero, ...plannedOf(valid.plan)] } },
      input,
      '$task0.wrong',
    );
    return {
      valid: changed,
      taskId: input.task,
      field: `input.${input.field}${input.within}`,
      says: /gets the submitted field "wrong", which must be/,
    };
  },
  'a reference is within a longer string': ofInput(
    isType('string'),
    (_, { plan }) => `Dear $${plannedOf(plan)[0]?.id}.done!`,
    /mixes a reference with other characters|must be one of/,
  ),
  'two references are in one string': ofInput(
    isType('string'),
    (_, { plan }) => `$task0.x $${plannedOf(plan)[0]?.id}.done`,
    /mixes a reference with other characters/,
  ),
  'a reference has the syntax of a template': ofInput(
    isType('string'),
    (_, { plan }) => `{{ ${plannedOf(plan)[0]?.id}.done }}`,
    /is not a valid reference; write \$\S+\.field|must be one of/,
  ),
  'a reference has the syntax of a shell': ofInput(
    isType('string'),
    (_, { plan }) => `\${${plannedOf(plan)[0]?.id}.done}`,
    /is not a valid reference; write \$\S+\.field|must be one of/,
  ),
  'a reference within a longer string names an unknown task': ofInput(
    isType('string'),
    () => 'see $nobody.done',
    /mixes a reference with other characters|must be one of/,
  ),
  'a task is named with a dot and no output': ofInput(
    isType('string'),
    (_, { plan }) => `$${plannedOf(plan)[0]?.id}.`,
    /names a task, but no field of its output|must be one of/,
  ),
  'a task is named without an output': ofInput(
    isType('string'),
    (_, { plan }) => `$${plannedOf(plan)[0]?.id}`,
    /names a task, but no field of its output|must be one of/,
  ),
};
