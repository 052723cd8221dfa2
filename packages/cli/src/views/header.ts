import { escapeControlCharacters } from '../output/terminal-string';
import type { UsableProject } from '../session';

/** Which project's engine answered, above what it said. */
export const projectHeader = ({ name, server }: Pick<UsableProject, 'name' | 'server'>): string[] => [
  `Project: ${escapeControlCharacters(name)}`,
  `Server:  ${escapeControlCharacters(server)}`,
  '',
];
