import { OrraError } from '@orra-ts/common';

/** Something in the user's code that keeps the application from starting. */
export interface BootProblem {
  /** Such as `InventoryService.reserve`. */
  readonly where: string;
  /** The option or property concerned, such as `input.items` or `timeout`. */
  readonly field?: string;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Everything that keeps the application from starting, found before the first network call. */
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
