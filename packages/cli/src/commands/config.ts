import type { Command } from 'commander';
import { type OutputFlags, type Runner, withOutput } from '../command';

export function addConfigCommands(program: Command, runner: Runner): void {
  const group = program.command('config').description('the config file');
  withOutput(group.command('reset').description('remove all projects and keys from the config'), '`{ path }`').action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const { config } = session;
      await config.update((content) => content.emptied());
      session.output(output).show({ path: config.path }, () => [`The config is now empty: ${config.path}`]);
      return undefined;
    }),
  );
}
