/** Mutations that make the tasks of a plan invalid: their ids, services, order and number, and task0. */
import { PLAN_MAX_DEPTH, PLAN_MAX_TASKS, type PlanTask, type ServiceId } from '@orra-ts/protocol';
import type { ValidPlan } from './plan-arbitraries';
import {
  isFromOutput,
  isType,
  ofTask,
  pickOf,
  plannedOf,
  replaced,
  taskZeroInput,
  withInput,
  withTask,
  type Mutation,
} from './plan-mutation';
import type { PlannableService } from '../../src/domain/plan/plan-services';

/** One more task, like the first. */
const withNewTask =
  (id: string, says: RegExp): Mutation =>
  (valid) => ({
    valid: { ...valid, plan: { tasks: [...valid.plan.tasks, { ...(plannedOf(valid.plan)[0] as PlanTask), id }] } },
    taskId: id,
    field: 'id',
    says,
  });

/** The fields of task0 that were not submitted. */
function constantsOf(valid: ValidPlan): Record<string, unknown> {
  const isConstant = (field: string): boolean => !valid.data.some((entry) => entry.field === field);
  return Object.fromEntries(Object.entries(taskZeroInput(valid)).filter(([field]) => isConstant(field)));
}

/** Adds a field to task0 that no task refers to. */
const withConstant =
  (value: unknown, says: RegExp): Mutation =>
  (valid) => {
    const input = { ...taskZeroInput(valid), more: value };
    return {
      valid: { ...valid, plan: { tasks: [{ id: 'task0', input }, ...plannedOf(valid.plan)] } },
      taskId: 'task0',
      field: 'input.more',
      says,
    };
  };

export const TASK_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a service is unknown': ofTask(
    (task, valid) => withTask(valid, task.id, { service: 's_zz' }),
    'service',
    /no service has the id or name "s_zz"; registered are: service-/,
  ),
  'the name of a service is misspelled': ofTask(
    (task, valid) => withTask(valid, task.id, { service: `sevrice-${valid.services.length - 1}` }),
    'service',
    /registered are: service-/,
  ),
  'a service is a reference': ofTask(
    (task, valid) => withTask(valid, task.id, { service: '$task0.service' }),
    'service',
    /is a reference, and the service of a task cannot be one/,
  ),
  'a service is missing': ofTask((task, valid) => withTask(valid, task.id, { service: ' ' }), 'service', /is missing/),
  'an id is used twice': (valid, pick) => {
    const task = pickOf(plannedOf(valid.plan), pick) as PlanTask;
    return {
      valid: { ...valid, plan: { tasks: [...valid.plan.tasks, task] } },
      taskId: task.id,
      field: 'id',
      says: /more than one task/,
    };
  },
  'ids differ only in case': (valid, pick) => {
    const task = pickOf(plannedOf(valid.plan), pick) as PlanTask;
    const id = task.id.toUpperCase();
    return {
      valid: { ...valid, plan: { tasks: [...valid.plan.tasks, { ...task, id }] } },
      taskId: id,
      field: 'id',
      says: /more than one task/,
    };
  },
  'an id is task0 in another case': withNewTask('Task0', /is reserved for the submitted data and is written task0/),
  'an id is reserved': withNewTask('Final', /is the id by which planners mark actions that are not actionable/),
  'an id begins with a digit': withNewTask('5', /must begin with a letter/),
  'an id is empty': withNewTask('', /must begin with a letter/),
  'an id has a dot': withNewTask('a.b', /letters, digits/),
  'a task waits for itself': (valid, pick) => {
    const input = pickOf(valid.inputs.filter(isType('boolean')), pick);
    if (!input) return undefined;
    return {
      valid: replaced(valid, input, `$${input.task}.done`),
      taskId: input.task,
      field: `input.${input.field}${input.within}`,
      says: /refers to its own task, which cannot wait for itself/,
    };
  },
  'tasks wait for each other': (valid, pick) => {
    // A task that another one refers to gets a reference back.
    const input = pickOf(valid.inputs.filter(isFromOutput), pick);
    const target = String(input?.given).slice(1).split('.')[0] ?? '';
    const back = valid.inputs.find(({ task }) => task === target);
    if (!input || !back) return undefined;
    return {
      valid: replaced(valid, back, `$${input.task}.done`),
      taskId: 'any',
      // This is usually not a boolean.
      also: `input.${back.field}${back.within}`,
      says: /wait for each other: \S+ -> /,
    };
  },
  'task0 holds a value other than the submitted one': (valid, pick) => {
    const field = pickOf(valid.data, pick);
    if (!field) return undefined;
    const input = Object.fromEntries(
      valid.data.map((entry) => [entry.field, entry === field ? ['other', entry.value] : entry.value]),
    );
    const plan = { tasks: [{ id: 'task0', input: { ...constantsOf(valid), ...input } }, ...plannedOf(valid.plan)] };
    return {
      valid: { ...valid, plan },
      taskId: 'task0',
      field: `input.${field.field}`,
      says: /must be the submitted value, found array; write/,
    };
  },
  'task0 lacks a submitted value': (valid, pick) => {
    const field = pickOf(valid.data, pick);
    if (!field) return undefined;
    const input = Object.fromEntries(
      valid.data.filter((entry) => entry !== field).map((entry) => [entry.field, entry.value]),
    );
    const plan = { tasks: [{ id: 'task0', input: { ...constantsOf(valid), ...input } }, ...plannedOf(valid.plan)] };
    return {
      valid: { ...valid, plan },
      taskId: 'task0',
      field: `input.${field.field}`,
      says: /must be the submitted value, found nothing; write/,
    };
  },
  'task0 refers to a task': withConstant('$task1.done', /cannot refer to a task/),
  'task0 holds a string that is not in the action': withConstant(
    'Berlin',
    /string "Berlin" was neither submitted nor is it in/,
  ),
  'task0 holds a part of a word of the action': withConstant('17', /string "17" was neither submitted nor is it in/),
  'task0 holds a number that is not in the action': withConstant(8, /number 8 was neither submitted nor is it in/),
  'task0 holds a boolean': withConstant(true, /boolean true cannot be a word of the action; .*write it as a literal/),
  'task0 holds null': withConstant(null, /null cannot be a word of the action/),
  'task0 holds an object': withConstant({ city: 'Paris' }, /object cannot be a word of the action/),
  'task0 holds a list': withConstant(['Paris'], /array cannot be a word of the action/),
  'task0 has a service': (valid) => ({
    valid: {
      ...valid,
      plan: { tasks: [{ id: 'task0', service: 'service-0', input: taskZeroInput(valid) }, ...plannedOf(valid.plan)] },
    },
    taskId: 'task0',
    field: 'service',
    says: /must not have a service/,
  }),
  'task0 is defined twice': (valid) => {
    const taskZero = { id: 'task0', input: taskZeroInput(valid) };
    const plan = { tasks: [taskZero, taskZero, ...plannedOf(valid.plan)] };
    return { valid: { ...valid, plan }, taskId: 'task0', field: 'id', says: /more than once/ };
  },
  'there are too many tasks': (valid) => {
    const [task] = plannedOf(valid.plan);
    const more = Array.from({ length: PLAN_MAX_TASKS + 1 }, (_, i) => ({ ...(task as PlanTask), id: `more${i}` }));
    return { valid: { ...valid, plan: { tasks: more } }, says: /at most 200 are allowed/ };
  },
  'a chain of tasks is too long': (valid) => {
    const LINK: PlannableService = {
      id: 's_link' as ServiceId,
      name: 'link',
      description: 'a link of a chain',
      revertible: false,
      updatedAt: 1,
      schema: {
        input: { type: 'object', properties: { after: { type: 'boolean' } } },
        output: { type: 'object', properties: { done: { type: 'boolean' } } },
      },
    };
    const chain = Array.from({ length: PLAN_MAX_DEPTH + 1 }, (_, index): PlanTask => {
      return { id: `link${index}`, service: 'link', input: index === 0 ? {} : { after: `$link${index - 1}.done` } };
    });
    return {
      valid: { ...valid, services: [...valid.services, LINK], plan: { tasks: [...valid.plan.tasks, ...chain] } },
      taskId: `link${PLAN_MAX_DEPTH}`,
      says: /is number 51 in a chain of 51 tasks, .*link0 -> link1 .*-> link50; at most 50 are allowed/,
    };
  },
  'there is no task but task0': (valid) => ({
    valid: { ...valid, plan: { tasks: valid.plan.tasks.filter(({ id }) => id === 'task0') } },
    says: /no task besides task0/,
  }),
  'an input is nested too deep': ofTask(
    (task, valid) => {
      let deep: unknown = '$task0.x';
      for (let i = 0; i < 100_000; i++) deep = [deep];
      return withInput(valid, task.id, 'in0', deep);
    },
    'input',
    /more than 64 levels deep/,
  ),
};
