import type { Command } from 'commander';
import { type OutputFlags, type Runner, withOutput } from '../command';

export function addConfigCommands(program: Command, runner: Runner): void {
  const group = program.command('config').description('the file with projects and keys');
  withOutput(group.command('reset').description('forget all projects and their keys'), '`{ path }`').action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const { config } = session;
      await config.update((content) => content.emptied());
      session.output(output).show({ path: config.path }, () => [`The config is empty now: ${config.path}`]);
      return undefined;
    }),
  );
}
