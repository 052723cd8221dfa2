import { OrraError } from '@orra-ts/common';

/** A problem in the application's code that prevents its start. */
export interface BootProblem {
  /** Class and method, such as `InventoryService.reserve`. */
  readonly where: string;
  /** The option or property concerned, such as `input.items` or `timeout`. */
  readonly field?: string;
  readonly message: string;
  /** How to fix the problem. */
  readonly fix: string;
}

/** All problems that prevent the start of the application, found before the first network call. */
export class OrraBootError extends OrraError {
  readonly problems: readonly BootProblem[];

  constructor(problems: readonly BootProblem[]) {
    super('ORRA_BOOT_FAILED', render(problems), { details: { problems } });
    this.problems = problems;
  }
}

function render(problems: readonly BootProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ where, field, message, fix }, index) => {
    const place = field === undefined ? where : `${where} (${field})`;
    return `${index + 1}. ${place}: ${message}\n   fix: ${fix}`;
  });
  return `The application cannot start: ${count} in its services.\n${lines.join('\n')}`;
}
