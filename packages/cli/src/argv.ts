/** Forms of flags that the original takes and commander does not: `-d=a:1`, `-w=true`, `--all=false`. */
import type { Command } from 'commander';

/** The command line with those forms written as commander reads them. Everything behind `--` stays as it is. */
export function normaliseArgv(argv: readonly string[], program: Command): string[] {
  const booleans = booleanFlags(program);
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  const normalised = flags.flatMap((argument) => {
    const match = /^(-[A-Za-z]|--[a-z][a-z-]*)=([^]*)$/.exec(argument);
    if (!match) return [argument];
    const [, flag = '', value = ''] = match;
    // One letter may be a switch of one command and take a value in another; no value of ours is `true` or `false`.
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
