import { escapeControlCharacters } from '../output/terminal-string';
import type { UsableProject } from '../session';

/** The project and its engine, printed above the output. */
export const projectHeader = ({ name, server }: Pick<UsableProject, 'name' | 'server'>): string[] => [
  `Project: ${escapeControlCharacters(name)}`,
  `Server:  ${escapeControlCharacters(server)}`,
  '',
];
