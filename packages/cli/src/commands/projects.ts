/** `orra projects`: registers projects with an engine and stores them in the config. */
import type { Command } from 'commander';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { Config } from '../config/config';
import { CliError } from '../errors';
import { escapeControlCharacters } from '../output/terminal-string';
import { unknownProject } from '../session';

const DEFAULT_SERVER = 'http://localhost:8005';

export function addProjectCommands(program: Command, runner: Runner): void {
  const group = program.command('projects').description('projects in the config, and which one is used');

  withOutput(
    group
      .command('add')
      .argument('<name>', 'name of the project')
      .description('register a project with an engine and store its key; the first one becomes the current project')
      .option('--server <url>', 'URL of the engine', DEFAULT_SERVER),
    '`{ name, id, server, current }`',
  ).action(
    runner.handle<[string], OutputFlags & { readonly server: string }>(async (session, flags, name) => {
      const rejectTakenName = (config: Config): void => {
        if (!config.find(name)) return;
        throw new CliError('ORRA_PROJECT_EXISTS', `the config already has a project ${name}`, {
          next: `use it with \`orra projects use ${name}\`, or choose another name`,
        });
      };
      rejectTakenName(session.config.read());
      const orra = session.registrationClient(flags.server);
      const { id, apiKey } = await orra.projects.register({ name });
      const config = await session.config.update((content) => {
        // Another command may have added a project with this name in the meantime.
        rejectTakenName(content);
        const added = content.withProject(name, { id, cli_auth: apiKey, server_addr: orra.url });
        return content.current === undefined ? added.withCurrent(name) : added;
      });
      const current = config.current === name;
      session
        .output(flags.output)
        .show({ name, id, server: orra.url, current }, () => [
          `Project ${escapeControlCharacters(name)} is registered: ${escapeControlCharacters(id)}`,
          `Server:  ${orra.url}`,
          current
            ? 'It is the current project.'
            : `Make it the current one: orra projects use ${escapeControlCharacters(name)}`,
          '',
          'Next steps:',
          '  orra api-keys gen <name>   a key for your services',
          '  orra webhooks add <url>    where results are sent',
        ]);
      return undefined;
    }),
  );

  withOutput(
    group.command('ls').description('list the projects in the config; * marks the current one'),
    'a list of `{ name, id, server, current }`, by name',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const config = session.config.read();
      const projects = config.names.map((name) => {
        const { id, server_addr: server } = config.find(name) ?? {};
        return { name, id, server, current: name === config.current };
      });
      session.output(output).show(projects, ({ colours }) => {
        if (projects.length === 0) return ['No projects: orra projects add <name>'];
        return [
          config.current === undefined
            ? 'No current project'
            : `Current project: ${escapeControlCharacters(config.current)}`,
          '',
          ...projects.flatMap(({ name, id, server, current }) => [
            current ? colours.green(`* ${escapeControlCharacters(name)}`) : `  ${escapeControlCharacters(name)}`,
            `  ID:     ${escapeControlCharacters(id ?? '?')}`,
            `  Server: ${escapeControlCharacters(server ?? '?')}`,
          ]),
        ];
      });
      return undefined;
    }),
  );

  withOutput(
    group.command('use').argument('<name>', 'name from `orra projects ls`').description('select the current project'),
    '`{ name }`',
  ).action(
    runner.handle<[string], OutputFlags>(async (session, { output }, name) => {
      await session.config.update((config) => {
        if (!config.find(name)) throw unknownProject(name, config.names);
        return config.withCurrent(name);
      });
      session.output(output).show({ name }, () => [`The current project is now ${escapeControlCharacters(name)}`]);
      return undefined;
    }),
  );
}
