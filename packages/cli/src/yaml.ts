/** YAML, loaded when it is needed: most commands do without, and start sooner. */
const load = (): typeof import('yaml') => require('yaml') as typeof import('yaml');

/** @throws YAMLParseError */
export const parseYaml = (text: string): unknown => load().parse(text) as unknown;

/** What occurs twice is written twice: programs that read it need not know aliases. */
export const toYaml = (value: unknown): string => load().stringify(value, { aliasDuplicateObjects: false });
