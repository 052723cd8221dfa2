/** Statuses as icon, words and colour. The icons are the original's, but for `cancelled`, which it does not have. */
import type { Colours } from './colours';
import { inert } from './text';

interface Look {
  readonly icon: string;
  readonly colour?: 'green' | 'red' | 'yellow' | 'cyan' | 'dim';
  /** @default the status with capital letters */
  readonly words?: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
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

export interface Paint {
  readonly text: string;
  readonly colour: (text: string) => string;
}

/** @param detail behind the words, such as `(3/10)` */
export function statusLook(status: string, colours: Colours, detail = ''): Paint {
  const look: Look = Object.hasOwn(LOOKS, status) ? (LOOKS[status] as Look) : { icon: ' ' };
  const words = look.words ?? titled(status);
  return {
    text: `${look.icon} ${words}${detail === '' ? '' : ` ${detail}`}`,
    colour: look.colour ? colours[look.colour] : String,
  };
}

export function statusText(status: string, colours: Colours, detail = ''): string {
  const { text, colour } = statusLook(status, colours, detail);
  return colour(text);
}

const titled = (status: string): string =>
  inert(status)
    .split(/[_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
