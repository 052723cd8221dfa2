/** YAML and JSON files. The library is loaded on first use, because most commands do not need it and start faster without it. */
import type { Document, Node, Pair } from 'yaml';
import { escapeEncoded, hasControlCharacters } from './output/terminal-string';

const load = (): typeof import('yaml') => require('yaml') as typeof import('yaml');

/**
 * Writes repeated values in full, so that readers do not need to support aliases. Strings that YAML 1.1 reads as another
 * type are quoted, and control characters are escaped.
 */
export function toYaml(value: unknown): string {
  const yaml = load();
  const document = new yaml.Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  yaml.visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && needsQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeEncoded(document.toString());
}

/** Line breaks and tabs alone do not need quotes: a block is more readable. */
const needsQuotes = (text: string): boolean =>
  YAML_1_1_INDICATORS.includes(text) || hasControlCharacters(text.replace(/[\n\t]/g, ''));

/** Types of YAML 1.1 that `compat` does not know. */
const YAML_1_1_INDICATORS: readonly string[] = ['=', '<<'];

export interface FileDocument {
  /** Undefined when the document has errors. */
  readonly value: unknown;
  /** Errors of the document; empty when it is valid. */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
  /** Line of a member or item, or of its innermost existing parent. Counted from 1. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Parses all documents of a file and omits empty ones. A `.json` file is one document that follows the rules of JSON. A
 * number that would change when it is read, and a member that occurs twice, are errors in both formats.
 */
export function readDocuments(filename: string, text: string): FileDocument[] {
  const yaml = load();
  const isJson = filename.toLowerCase().endsWith('.json');
  const lines = new yaml.LineCounter();
  const documents = yaml.parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }) as Document.Parsed[];
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const json = isJson ? parseJson(text) : undefined;
  if (json?.problem) {
    const { message, offset } = json.problem;
    return [{ value: undefined, errors: [{ line: lineAt(offset), message }], lineOf: () => 1 }];
  }
  return documents.flatMap((document): FileDocument[] => {
    const { contents } = document;
    const lineOf: FileDocument['lineOf'] = (path) => {
      let offset = contents?.range[0] ?? 0;
      let node: unknown = contents;
      for (const step of path) {
        const found = childOf(node, step);
        if (!found) break;
        offset = found.at?.range?.[0] ?? offset;
        node = found.value;
      }
      return lineAt(offset);
    };
    const errors = document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message }));
    yaml.visit(document, {
      Scalar: (_, { value, source, range }) => {
        if (typeof value !== 'number' || isExact(value)) return;
        const message = `the number ${source ?? String(value)} cannot be read without changing it; write it as a string`;
        errors.push({ line: lineAt(range?.[0] ?? 0), message });
      },
    });
    if (errors.length > 0) return [{ value: undefined, errors, lineOf }];
    let value: unknown;
    try {
      value = json ? json.value : (document.toJS() as unknown);
    } catch (error) {
      // Aliases that would exhaust the memory, or that are undefined.
      return [{ value: undefined, errors: [{ line: lineOf([]), message: (error as Error).message }], lineOf }];
    }
    return value === null ? [] : [{ value, errors, lineOf }];
  });

  function childOf(node: unknown, step: string | number): { at: Node | undefined; value: unknown } | undefined {
    if (yaml.isMap(node)) {
      const pair = node.items.find(({ key }: Pair) => String(yaml.isScalar(key) ? key.value : key) === String(step));
      return pair && { at: pair.key as Node, value: pair.value };
    }
    const item = yaml.isSeq(node) ? node.items[Number(step)] : undefined;
    return item === undefined ? undefined : { at: item as Node, value: item };
  }
}

/** Whole numbers beyond 2^53 - 1 and numbers that are not finite are not exact. */
const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

type Json =
  { readonly value: unknown; readonly problem?: undefined } | { readonly problem: { message: string; offset: number } };

function parseJson(text: string): Json {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch (error) {
    const { message } = error as SyntaxError;
    return { problem: { message, offset: Number(/at position (\d+)/.exec(message)?.[1] ?? 0) } };
  }
}
