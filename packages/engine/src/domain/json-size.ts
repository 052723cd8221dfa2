/**
 * The size of a value as JSON, counted before the JSON exists: references can repeat one large value so often that its
 * JSON does not fit in memory (E8).
 */

/** Values below this size are counted again wherever they occur: remembering them would take longer. */
const REMEMBERED_FROM = 256;

/** Counts a value that occurs many times once, so that its time depends on what is in memory, not on the result. */
export class JsonSizes {
  private readonly known = new Map<unknown, number>();

  /** Returns the number of bytes of `JSON.stringify(value)` in UTF-8; 0 for a value that JSON omits. */
  of(value: unknown): number {
    if (value === null) return NULL_SIZE;
    if (typeof value === 'string') {
      return value.length < REMEMBERED_FROM ? stringSize(value) : this.remembered(value, () => stringSize(value));
    }
    if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : NULL_SIZE;
    if (typeof value === 'boolean') return value ? 4 : 5;
    return typeof value === 'object' ? this.remembered(value, () => this.containerSize(value)) : 0;
  }

  private remembered(value: unknown, count: () => number): number {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const size = count();
    if (size >= REMEMBERED_FROM) this.known.set(value, size);
    return size;
  }

  private containerSize(value: object): number {
    // Brackets, and a comma before every item but the first.
    let size = 2;
    let count = 0;
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) size += this.of(item) || NULL_SIZE;
      count = value.length;
    } else {
      for (const [name, member] of Object.entries(value)) {
        const memberSize = this.of(member);
        if (memberSize === 0) continue;
        size += stringSize(name) + 1 + memberSize;
        count++;
      }
    }
    return size + Math.max(0, count - 1);
  }
}

const NULL_SIZE = 4;

function stringSize(text: string): number {
  let size = 2;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) size += asciiSize(code);
    else if (code < 0x800) size += 2;
    else if (code < 0xd800 || code > 0xdfff) size += 3;
    else if (isPair(code, text.charCodeAt(at + 1))) {
      size += 4;
      at++;
    } else size += ESCAPED_SIZE;
  }
  return size;
}

/** `\u001f`, for control characters and for halves of a pair. */
const ESCAPED_SIZE = 6;

function asciiSize(code: number): number {
  if (code >= 0x20) return code === 0x22 || code === 0x5c ? 2 : 1;
  return '\b\t\n\f\r'.includes(String.fromCharCode(code)) ? 2 : ESCAPED_SIZE;
}

const isPair = (high: number, low: number): boolean => high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
