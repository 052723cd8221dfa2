import type { Command } from 'commander';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { StoredProject } from '../config/config';
import { CliError } from '../errors';
import { escapeControlCharacters } from '../output/terminal-string';

export function addApiKeyCommands(program: Command, runner: Runner): void {
  const group = program.command('api-keys').description('additional API keys of a project, such as one per service');

  withOutput(
    group
      .command('gen')
      .argument('<name>', 'name of the key in the config')
      .description('create a key and store it in the config'),
    '`{ project, name, apiKey }`',
  ).action(
    runner.handle<[string], OutputFlags>(async (session, { output }, name) => {
      const project = session.storedProject();
      const rejectTakenName = ({ api_key: keys = {} }: StoredProject): void => {
        if (!Object.hasOwn(keys, name)) return;
        throw new CliError('ORRA_API_KEY_EXISTS', `project ${project.name} already has a key ${name}`, {
          next: 'choose another name: a replaced key cannot be recovered; `orra api-keys ls` lists the names',
        });
      };
      rejectTakenName(project.stored);
      const { apiKey } = await session.clientOf(project).keys.create();
      await session.updateProject(project.name, (stored) => {
        // Another command may have stored a key with this name in the meantime.
        rejectTakenName(stored);
        return { api_key: Object.fromEntries([...Object.entries(stored.api_key ?? {}), [name, apiKey]]) };
      });
      session
        .output(output)
        .show({ project: project.name, name, apiKey }, () => [
          `Project ${escapeControlCharacters(project.name)} has a new key:`,
          `- ${escapeControlCharacters(name)}`,
          `  KEY: ${apiKey}`,
        ]);
      return undefined;
    }),
  );

  withOutput(
    group.command('ls').description('list the keys in the config, in plain text'),
    'a list of `{ name, apiKey }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const { name: project, stored } = session.storedProject();
      const keys = Object.entries(stored.api_key ?? {}).map(([name, apiKey]) => ({ name, apiKey }));
      session
        .output(output)
        .show(keys, () =>
          keys.length === 0
            ? [`Project ${escapeControlCharacters(project)} has no additional keys: orra api-keys gen <name>`]
            : [
                `Keys of project ${escapeControlCharacters(project)}:`,
                ...keys.flatMap(({ name, apiKey }) => [
                  `- ${escapeControlCharacters(name)}`,
                  `  KEY: ${escapeControlCharacters(apiKey)}`,
                ]),
              ],
        );
      return undefined;
    }),
  );
}
