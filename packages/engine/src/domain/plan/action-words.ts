/**
 * Whether a value of a plan was said in the action, or made up by whoever planned. Whole words count: `17` is no part of
 * `A-17`, nor `1` of `1.5`.
 */
import { MAX_ACTION_LENGTH, canonicalText } from './canonical-text';

/** What words may touch without becoming others. Scripts without blanks between words have no other edges than these. */
const EDGE =
  String.raw`\s/#$€£¥=(){}\[\]"<>|%` +
  ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr'].map((script) => String.raw`\p{scx=${script}}`).join('');
/** Between two digits they belong to a number or a time. */
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

  /** Whatever its case, width, blanks and punctuation at its ends; numbers however they are written. */
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
