import { excerpt } from '../excerpt';

/** A problem of a plan, with enough detail for an operator or a planner to fix it. */

export interface PlanProblem {
  /** Default: the problem concerns the plan as a whole. */
  readonly taskId?: string;
  /** Such as `service` or `input.address.line`. */
  readonly field?: string;
  readonly message: string;
}

/** More than a reader can fix at once; the problems of a large input must not exhaust the memory (E8). */
export const MAX_PROBLEMS = 100;
const MAX_MESSAGE_LENGTH = 500;
const MAX_PLACE_LENGTH = 200;
const MAX_DESCRIBED = 20;

export class ProblemList {
  readonly found: PlanProblem[] = [];

  get isFull(): boolean {
    return this.found.length >= MAX_PROBLEMS;
  }

  add(message: string, taskId?: string, field?: string): void {
    if (this.isFull) return;
    this.found.push({
      taskId: taskId === undefined ? undefined : excerpt(taskId, MAX_PLACE_LENGTH),
      field: field === undefined ? undefined : excerpt(field, MAX_PLACE_LENGTH),
      message: excerpt(message, MAX_MESSAGE_LENGTH),
    });
  }
}

/** Formats problems on one line for an error message. */
export function describeProblems(problems: readonly PlanProblem[]): string {
  const described = problems.slice(0, MAX_DESCRIBED).map(({ taskId, field, message }) => {
    const place = [taskId, field].filter((part) => part !== undefined).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  const more = problems.length - described.length;
  return described.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
