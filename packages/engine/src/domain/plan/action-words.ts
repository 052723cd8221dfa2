/**
 * Checks whether a plan's value occurs in the action or was invented by the planner. Only whole words match: `17`
 * does not match in `A-17`, nor `1` in `1.5`.
 */
import { MAX_ACTION_LENGTH, canonicalText } from './canonical-text';

/** Characters that end a word, and scripts without spaces between words. */
const EDGE =
  String.raw`\s/#$€£¥=(){}\[\]"<>|%` +
  ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr'].map((script) => String.raw`\p{scx=${script}}`).join('');
/** Punctuation that belongs to a number or a time if it stands between two digits. */
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

  /** Ignores case, width, whitespace and punctuation at the ends; compares numbers by value. */
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
