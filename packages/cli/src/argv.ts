/** Flag forms that the Go CLI accepts and commander does not: `-d=a:1`, `-w=true`, `--all=false`. */
import type { Command } from 'commander';

/** Rewrites these forms to those of commander. Arguments after `--` stay unchanged. */
export function normaliseArgv(argv: readonly string[], program: Command): string[] {
  const booleans = booleanFlags(program);
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  const normalised = flags.flatMap((argument) => {
    const match = /^(-[A-Za-z]|--[a-z][a-z-]*)=([^]*)$/.exec(argument);
    if (!match) return [argument];
    const [, flag = '', value = ''] = match;
    // A letter may be a boolean flag of one command and take a value in another. No value is `true` or `false`.
    if (booleans.has(flag) && value === 'true') return [flag];
    if (booleans.has(flag) && value === 'false') return [];
    return flag.startsWith('--') ? [argument] : [flag, value];
  });
  return [...normalised, ...rest];
}

function booleanFlags(command: Command): Set<string> {
  const own = command.options
    .filter((option) => option.isBoolean())
    .flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));
  return new Set([...own, ...command.commands.flatMap((child) => [...booleanFlags(child)])]);
}
