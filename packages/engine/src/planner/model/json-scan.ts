/**
 * Scans what should be one JSON object in a single pass: where it ends, how deep it is, whether it repeats a member,
 * and whether it contains comments or ellipses, which a repair would drop silently.
 */
export interface JsonScan {
  /** Index after the closing brace of the object; undefined if the object does not end or is too deep. */
  readonly end: number | undefined;
  readonly isTooDeep: boolean;
  /** A member name that occurs twice in one object. */
  readonly repeated?: string;
  /** Whether it contains comments, or ellipses in place of content. */
  readonly hasOmissions: boolean;
  /** Whether it contains strings in single quotes, which JSON does not allow. */
  readonly hasSingleQuotes: boolean;
}

interface Level {
  readonly isObject: boolean;
  readonly members: Set<string>;
  /** Whether the next string is a member's name. */
  expectsName: boolean;
}

/** @param from index of the opening brace */
export function scanJson(text: string, from: number, maxDepth: number): JsonScan {
  const levels: Level[] = [];
  let repeated: string | undefined;
  let hasOmissions = false;
  let hasSingleQuotes = false;
  const result = (end: number | undefined): JsonScan => ({
    end,
    isTooDeep: levels.length > maxDepth,
    repeated,
    hasOmissions,
    hasSingleQuotes,
  });
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    const level = levels.at(-1);
    switch (character) {
      case '"':
      case "'": {
        // An apostrophe within a word does not open a string.
        if (character === "'" && !/[\s:,[{]/.test(text.charAt(at - 1))) break;
        if (character === "'") hasSingleQuotes = true;
        const end = endOfText(text, at, character);
        if (end === undefined) return result(undefined);
        if (level?.isObject && level.expectsName) {
          const name = text.slice(at + 1, end);
          if (level.members.has(name)) repeated ??= name;
          level.members.add(name);
          level.expectsName = false;
        }
        at = end;
        break;
      }
      case '{':
      case '[':
        levels.push({ isObject: character === '{', members: new Set(), expectsName: character === '{' });
        if (levels.length > maxDepth) return result(undefined);
        break;
      case '}':
      case ']':
        levels.pop();
        if (levels.length === 0) return result(at + 1);
        break;
      case ',':
        if (level) level.expectsName = level.isObject;
        break;
      case '/':
      case '#':
      case '\u2026':
        hasOmissions = true;
        break;
      case '.':
        if (text.startsWith('...', at)) hasOmissions = true;
        break;
    }
  }
  return result(undefined);
}

function endOfText(text: string, at: number, quote: string): number | undefined {
  for (let i = at + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') i++;
    else if (character === quote) return i;
  }
  return undefined;
}
