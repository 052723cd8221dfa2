import { inert } from '../output/text';
import type { UsableProject } from '../session';

/** Which project's engine answered, above what it said. */
export const projectHeader = ({ name, server }: Pick<UsableProject, 'name' | 'server'>): string[] => [
  `Project: ${inert(name)}`,
  `Server:  ${inert(server)}`,
  '',
];
