/** Colours for terminals, unless NO_COLOR is set (https://no-color.org). */
const wanted = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';

const style =
  (open: number, close: number) =>
  (text: string): string =>
    wanted ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const bold = style(1, 22);
export const dim = style(2, 22);
const red = style(31, 39);
const green = style(32, 39);
const yellow = style(33, 39);
const cyan = style(36, 39);

export const name = cyan;
export const good = green;
export const bad = red;

/** Colours a status by its meaning. `shown` is the status, possibly padded. */
export function status(status: string, shown = status): string {
  switch (status) {
    case 'completed':
      return green(shown);
    case 'failed':
    case 'expired':
      return red(shown);
    case 'aborted':
    case 'partial':
      return yellow(shown);
    default:
      return dim(shown);
  }
}
