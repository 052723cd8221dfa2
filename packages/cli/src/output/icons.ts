/** Icon, label and colour of each status. The icons are those of the Go CLI; it has no status `cancelled`. */
import type { Colours } from './colours';
import { escapeControlCharacters } from './terminal-string';

interface StatusStyle {
  readonly icon: string;
  readonly colour?: 'green' | 'red' | 'yellow' | 'cyan' | 'dim';
  /** @default the status in title case */
  readonly label?: string;
}

const STATUS_STYLES: Readonly<Record<string, StatusStyle>> = {
  pending: { icon: '○', colour: 'dim' },
  processing: { icon: '◎', colour: 'cyan' },
  completed: { icon: '●', colour: 'green' },
  resolved: { icon: '●', colour: 'green' },
  partial: { icon: '●', colour: 'yellow', label: 'Completed Partially' },
  failed: { icon: '✕', colour: 'red' },
  expired: { icon: '✕', colour: 'red' },
  in_doubt: { icon: '✕', colour: 'red' },
  duplicate: { icon: '✕', colour: 'red' },
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

/** @param detail appended to the label, such as `(3/10)` */
export function statusLabel(status: string, colours: Colours, detail = ''): Label {
  const style: StatusStyle = Object.hasOwn(STATUS_STYLES, status)
    ? (STATUS_STYLES[status] as StatusStyle)
    : { icon: ' ' };
  const label = style.label ?? titleCase(status);
  return {
    text: `${style.icon} ${label}${detail === '' ? '' : ` ${detail}`}`,
    colour: style.colour ? colours[style.colour] : String,
  };
}

export function colouredStatus(status: string, colours: Colours, detail = ''): string {
  const { text, colour } = statusLabel(status, colours, detail);
  return colour(text);
}

const titleCase = (status: string): string =>
  escapeControlCharacters(status)
    .split(/[_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
