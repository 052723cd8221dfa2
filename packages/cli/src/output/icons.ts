/** Statuses as icon, words and colour. The icons are the original's, but for `cancelled`, which it does not have. */
import type { Colours } from './colours';
import { escapeControlCharacters } from './terminal-string';

interface StatusStyle {
  readonly icon: string;
  readonly colour?: 'green' | 'red' | 'yellow' | 'cyan' | 'dim';
  /** @default the status with capital letters */
  readonly words?: string;
}

const STATUS_STYLES: Readonly<Record<string, StatusStyle>> = {
  pending: { icon: '○', colour: 'dim' },
  processing: { icon: '◎', colour: 'cyan' },
  completed: { icon: '●', colour: 'green' },
  resolved: { icon: '●', colour: 'green' },
  partial: { icon: '●', colour: 'yellow', words: 'Completed Partially' },
  failed: { icon: '✕', colour: 'red' },
  expired: { icon: '✕', colour: 'red' },
  not_actionable: { icon: '⊘', colour: 'yellow' },
  paused: { icon: '⏸', colour: 'yellow' },
  aborted: { icon: '⊟', colour: 'yellow' },
  cancelled: { icon: '⊗', colour: 'yellow' },
  ignored: { icon: '⊖', colour: 'dim' },
};

export const NONE = '─';

export interface Label {
  readonly text: string;
  readonly colour: (text: string) => string;
}

/** @param detail behind the words, such as `(3/10)` */
export function statusLabel(status: string, colours: Colours, detail = ''): Label {
  const style: StatusStyle = Object.hasOwn(STATUS_STYLES, status)
    ? (STATUS_STYLES[status] as StatusStyle)
    : { icon: ' ' };
  const words = style.words ?? titled(status);
  return {
    text: `${style.icon} ${words}${detail === '' ? '' : ` ${detail}`}`,
    colour: style.colour ? colours[style.colour] : String,
  };
}

export function colouredStatus(status: string, colours: Colours, detail = ''): string {
  const { text, colour } = statusLabel(status, colours, detail);
  return colour(text);
}

const titled = (status: string): string =>
  escapeControlCharacters(status)
    .split(/[_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
