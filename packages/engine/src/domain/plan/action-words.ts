/**
 * Finds whether a value of a plan occurs in the action, or was invented by the planner. Only whole words count: `17` does
 * not occur in `A-17`, nor `1` in `1.5`.
 */
import { MAX_ACTION_LENGTH, canonicalText } from './canonical-text';

/** Characters that may adjoin a word. Scripts without whitespace between words have no other word boundaries. */
const EDGE =
  String.raw`\s/#$€£¥=(){}\[\]"<>|%` +
  ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr'].map((script) => String.raw`\p{scx=${script}}`).join('');
/** Between two digits, these belong to a number or a time. */
const MARKS = ':,;';
const BEFORE = String.raw`(?:(?<=^|[${EDGE}]|\D[${MARKS}])|(?<=[${MARKS}])(?!\d))`;
const AFTER = String.raw`(?:(?=$|[${EDGE}'’]|[${MARKS}](?!\d))|(?<!\d)(?=[${MARKS}]))`;
const NUMBER = new RegExp(String.raw`${BEFORE}[+-]?\d+(?:,\d{3})*(?:\.\d+)?${AFTER}`, 'gu');

export class ActionWords {
  private readonly text: string;
  private numbers: ReadonlySet<number> | undefined;

  constructor(action: string) {
    this.text = canonicalText(action.slice(0, MAX_ACTION_LENGTH)).text;
  }

  /** Ignores case, width, whitespace and punctuation at the ends, and the notation of numbers. */
  include(value: string | number): boolean {
    if (typeof value === 'number') {
      this.numbers ??= new Set([...this.text.matchAll(NUMBER)].map(([text]) => Number(text.replaceAll(',', ''))));
      return this.numbers.has(value);
    }
    if (value.length > MAX_ACTION_LENGTH) return false;
    const { text } = canonicalText(value);
    if (text === '' || !this.text.includes(text)) return false;
    return new RegExp(`${BEFORE}${text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}${AFTER}`, 'u').test(this.text);
  }
}
