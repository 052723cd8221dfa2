/**
 * Reads plans from YAML, one per document, or from JSON: `name`, `action`, `description`, `input` (a JSON Schema), `compensation` and
 * `tasks`. All problems are reported together, with their lines, before the first request to the engine.
 */
import { withoutUndefined } from '@orra-ts/common';
import {
  DefinedPlanSchema,
  type DefinedPlan,
  type PlanProblemView,
  isJsonObject,
  nameProblem,
  parseValue,
} from '@orra-ts/protocol';
import { CliError } from './errors';
import { readInputFile } from './input-file';
import { type FileDocument, readDocuments } from './yaml';

export interface FilePlan {
  readonly plan: DefinedPlan;
  /** Formats a problem that the engine reported as `file:line: field: message`. */
  formatProblem(problem: PlanProblemView): string;
}

type Path = readonly (string | number)[];

const MEMBERS = ['name', 'action', 'description', 'input', 'compensation', 'tasks'];
const TASK_MEMBERS = ['id', 'service', 'input'];
/** Limit of reported problems, so that the output stays readable. */
const MAX_REPORTED = 20;

/** @throws CliError `ORRA_FILE_READ_FAILED`, or `ORRA_INVALID_PLAN` with every problem */
export function readPlanFile(cwd: string, filename: string): FilePlan[] {
  const text = readInputFile(cwd, filename, 'pass the path of a file with plans');
  const reader = new PlanFileReader(filename);
  const plans = readDocuments(filename, text).flatMap((document) => reader.read(document));
  if (plans.length === 0 && reader.problems.length === 0) reader.problems.push(`${filename}: it contains no plan`);
  if (reader.problems.length > 0) throw invalidFile(filename, reader.problems);
  return plans;
}

export function invalidFile(filename: string, problems: readonly string[], cause?: unknown): CliError {
  const reported = problems.slice(0, MAX_REPORTED);
  const more = problems.length - reported.length;
  return new CliError('ORRA_INVALID_PLAN', `${filename} cannot be applied`, {
    lines: [...reported, ...(more > 0 ? [`and ${more} more`] : [])],
    next: 'a plan has name, action, input (a JSON Schema of its data) and tasks, each with id, service and input',
    cause,
  });
}

class PlanFileReader {
  readonly problems: string[] = [];
  private readonly lineOfName = new Map<string, number>();

  constructor(private readonly filename: string) {}

  read(document: FileDocument): FilePlan[] {
    for (const { line, message } of document.errors) this.problems.push(`${this.filename}:${line}: ${message}`);
    if (document.errors.length > 0) return [];
    const { value } = document;
    if (!isJsonObject(value)) {
      this.problems.push(`${this.filename}:${document.lineOf([])}: it must be an object`);
      return [];
    }
    const before = this.problems.length;
    const { tasks, compensation, ...members } = value;
    this.checkMembers(document, value);
    const parsed = parseValue(DefinedPlanSchema, { ...members, plan: withoutUndefined({ tasks, compensation }) });
    if (!parsed.ok) {
      const { path, message } = parsed.error;
      this.add(document, pathOf(path), message);
    } else this.checkName(document, parsed.value.name);
    if (!parsed.ok || this.problems.length > before) return [];
    const plan = parsed.value;
    return [{ plan, formatProblem: (problem) => this.formatProblem(document, plan, problem) }];
  }

  private checkMembers(document: FileDocument, value: Readonly<Record<string, unknown>>): void {
    this.checkUnknown(document, [], value, MEMBERS);
    if (!Array.isArray(value['tasks'])) return;
    for (const [index, task] of value['tasks'].entries()) {
      if (isJsonObject(task)) this.checkUnknown(document, ['tasks', index], task, TASK_MEMBERS);
    }
  }

  private checkUnknown(document: FileDocument, path: Path, value: object, known: readonly string[]): void {
    for (const name of Object.keys(value)) {
      if (!known.includes(name))
        this.add(document, [...path, name], `is unknown; known members are ${known.join(', ')}`);
    }
  }

  private checkName(document: FileDocument, name: string): void {
    const problem = nameProblem(name);
    if (problem !== undefined) this.add(document, ['name'], `"${name}" ${problem}`);
    const first = this.lineOfName.get(name);
    if (first === undefined) this.lineOfName.set(name, document.lineOf(['name']));
    else this.add(document, ['name'], `"${name}" is already the name of the plan in line ${first}`);
  }

  private add(document: FileDocument, path: Path, message: string): void {
    this.problems.push(`${this.filename}:${document.lineOf(path)}: ${nameOf(path)}${message}`);
  }

  private formatProblem(document: FileDocument, { plan: { tasks } }: DefinedPlan, problem: PlanProblemView): string {
    const { taskId, field, message } = problem;
    const index = tasks.findLastIndex(({ id }) => id === taskId);
    const within = fieldPath(field, tasks[index]?.input);
    const path = index < 0 ? within : ['tasks', index, ...within];
    const place = [taskId, field].filter((part) => part !== undefined).join('.');
    return `${this.filename}:${document.lineOf(path)}: ${place === '' ? '' : `${place}: `}${message}`;
  }
}

/** Path in the file of a JSON pointer such as `/plan/tasks/0/input`. In a file, `tasks` is next to `name`. */
function pathOf(pointer: string): Path {
  const steps = pointer.split('/').slice(1);
  return (steps[0] === 'plan' ? steps.slice(1) : steps).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** Path of a field such as `input.address.lines[0]`. The name of an input's first member may contain dots. */
function fieldPath(field: string | undefined, input: Readonly<Record<string, unknown>> | undefined): Path {
  if (field === undefined) return [];
  const [first = '', rest] = [field.split('.', 1)[0], field.slice(field.indexOf('.') + 1)];
  if (first === field) return [first];
  const member = Object.keys(input ?? {})
    .filter((name) => rest === name || rest.startsWith(`${name}.`) || rest.startsWith(`${name}[`))
    .sort((a, b) => b.length - a.length)[0];
  const remainder = member === undefined ? rest : rest.slice(member.length);
  const steps = remainder.split(/[.[\]]+/).filter(Boolean);
  return [first, ...(member === undefined ? [] : [member]), ...steps];
}

const nameOf = (path: Path): string => {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return name === '' ? '' : `${name.replace(/^\./, '')}: `;
};
