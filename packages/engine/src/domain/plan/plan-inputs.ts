/** Checks the inputs of a plan's tasks: fields, literals, and the values that references resolve to. */
import { TASK_ZERO, parseReference, type Spec, formatInputPath, type InputPath } from '@orra-ts/protocol';
import { nearestNames } from '../nearest-names';
import { MAX_PROBLEMS, type ProblemList } from './plan-problems';
import type { Data } from './plan-task-zero';
import { findReferences, lookUp, type FoundReference } from './references';
import { FitBudget, fitProblems } from '../spec/spec-fit';
import { SpecKeys } from '../spec/spec-keys';
import { misfitOf } from '../spec/spec-overlap';
import { describeSpec, isRequired, maxItemsOf, memberSpec, specAt, typesOf, type SpecAt } from '../spec/spec-parts';
import { excerpt } from '../excerpt';
import type { ResolvedTask } from './resolved-plan';

/** The possible targets of references. */
export interface Sources {
  readonly taskZero: Data;
  /** Optional fields of the data. */
  readonly optionalData: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, ResolvedTask>;
  /** Whether problems may quote submitted values. */
  readonly quoteData: boolean;
}

/**
 * Maximum number of steps in which one check compares values with schemas, about 50 ms (E8): a list of a million
 * numbers can be submitted and used by hundreds of inputs. The service checks its whole input again.
 */
const MAX_STEPS = 200_000;

const isReference = (value: unknown): boolean => parseReference(value) !== undefined;

export function checkInputs(tasks: readonly ResolvedTask[], sources: Sources, problems: ProblemList): void {
  const budget = new FitBudget(MAX_STEPS);
  const references = new ReferenceCheck(sources, budget);
  for (const task of tasks) {
    if (problems.isFull) return;
    checkInput(task, budget, problems);
    references.check(task, problems);
  }
}

function checkInput(
  { id, serviceName, input, inputSpec }: ResolvedTask,
  budget: FitBudget,
  problems: ProblemList,
): void {
  for (const field of Object.keys(input)) {
    if (problems.isFull) return;
    if (memberSpec(inputSpec, field)) continue;
    const fields = nearestNames(Object.keys(inputSpec.properties ?? {}), field);
    problems.add(`is not an input of ${serviceName}; its inputs are: ${fields}`, id, `input.${field}`);
  }
  for (const { path, message } of fitProblems(input, inputSpec, isReference, budget)) {
    if (problems.isFull) return;
    problems.add(`${message} (${serviceName})`, id, `input${path}`);
  }
}

/**
 * Checks references of many tasks. A reference that occurs repeatedly is compared with a schema only once, so that
 * the work is proportional to the plan.
 */
class ReferenceCheck {
  private readonly known = new Map<string | Spec | undefined, Map<string, readonly string[]>>();
  private readonly specKeys = new SpecKeys();

  constructor(
    private readonly sources: Sources,
    private readonly budget: FitBudget,
  ) {}

  /** References to unknown tasks are reported by the check of the form. */
  check(task: ResolvedTask, problems: ProblemList): void {
    for (const found of findReferences(task.input)) {
      if (problems.isFull) return;
      const messages = this.isLeftOut(task, found) ? [] : this.problemsOf(found, wantedAt(task.inputSpec, found.path));
      for (const message of messages) problems.add(message, task.id, `input.${formatInputPath(found.path)}`);
    }
  }

  /** Returns whether an optional field that was not submitted is used for an optional input. */
  private isLeftOut({ inputSpec }: ResolvedTask, { reference, path }: FoundReference): boolean {
    const { taskZero, optionalData } = this.sources;
    const isOptional = reference.taskId === TASK_ZERO && optionalData.has(reference.path[0] ?? '');
    return isOptional && mayBeLeftOut(inputSpec, path) && lookUp(taskZero, reference.path) === undefined;
  }

  private problemsOf({ reference, text }: FoundReference, wanted: Spec | undefined): readonly string[] {
    const key = wanted && this.specKeys.of(wanted);
    const ofSpec = this.known.get(key) ?? new Map<string, readonly string[]>();
    this.known.set(key, ofSpec);
    let messages = ofSpec.get(text);
    if (!messages) {
      const source = this.sources.tasks.get(reference.taskId);
      messages =
        reference.taskId === TASK_ZERO
          ? this.dataProblems(reference.path, wanted)
          : source
            ? outputProblems(source, reference.path, wanted)
            : [];
      ofSpec.set(text, messages);
    }
    return messages;
  }

  private dataProblems(path: readonly string[], wanted: Spec | undefined): string[] {
    const { taskZero, optionalData, quoteData } = this.sources;
    const name = excerpt(path.join('.'));
    const value = lookUp(taskZero, path);
    if (value === undefined && optionalData.has(path[0] ?? '')) return [`is required, and "${name}" was not submitted`];
    if (value === undefined) {
      const fields = nearestNames(Object.keys(taskZero), path[0]) || 'nothing';
      return [`refers to the submitted field "${name}", which does not exist; submitted: ${fields}`];
    }
    const messages: string[] = [];
    for (const problem of wanted ? fitProblems(value, wanted, undefined, this.budget) : []) {
      const what = quoteData ? problem.message : problem.rule;
      messages.push(`gets the submitted field "${name}"${problem.path}, which ${what}`);
      if (messages.length >= MAX_PROBLEMS) break;
    }
    return messages;
  }
}

function outputProblems(source: ResolvedTask, path: readonly string[], wanted: Spec | undefined): string[] {
  const { serviceName, outputSpec } = source;
  const name = excerpt(path.join('.'));
  const at = specAt(outputSpec, path);
  if (at.kind === 'missing') {
    return [`refers to "${name}", which ${serviceName} does not return; ${possibleMembers(path, at)}`];
  }
  const misfit = wanted && misfitOf(at.spec, wanted);
  if (!misfit) return [];
  const where = misfit.path === '' ? '' : ` at ${misfit.path}`;
  const fitting = Object.entries(outputSpec.properties ?? {})
    .slice(0, MAX_PROBLEMS)
    .filter(([, output]) => !misfitOf(output, wanted))
    .map(([output]) => output);
  const instead =
    fitting.length > 0 ? `its fitting outputs are: ${nearestNames(fitting, name)}` : 'none of its outputs fits';
  return [
    `gets "${name}" of ${serviceName}, which is ${misfit.given}${where} and must be ${misfit.wanted}; ${instead}`,
  ];
}

/** Lists the possible continuations of a path. */
function possibleMembers(path: readonly string[], { part, owner }: Extract<SpecAt, { kind: 'missing' }>): string {
  const whole = part === 0 ? 'it' : `its "${excerpt(path.slice(0, part).join('.'))}"`;
  if (typesOf(owner).includes('object')) {
    const members = nearestNames(Object.keys(owner.properties ?? {}), path[part]);
    return part === 0 ? `it returns: ${members}` : `${whole} has: ${members}`;
  }
  if (!typesOf(owner).includes('array')) return `${whole} is ${describeSpec(owner)}`;
  const most = maxItemsOf(owner);
  return `${whole} has ${most === undefined ? 'positions from 0' : `at most ${most} items, the first is 0`}`;
}

/** Returns the schema at a path of an input, undefined if it is not declared. */
function wantedAt(inputSpec: Spec, path: InputPath): Spec | undefined {
  let spec: Spec | undefined = inputSpec;
  for (const step of path) spec = spec && memberSpec(spec, step);
  return spec;
}

/** Members whose reference does not resolve are omitted; items of arrays cannot be. */
function mayBeLeftOut(inputSpec: Spec, path: InputPath): boolean {
  const name = path.at(-1);
  const owner = wantedAt(inputSpec, path.slice(0, -1));
  return typeof name === 'string' && !(owner && isRequired(owner, name));
}
