import type { Command } from 'commander';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { StoredProject } from '../config/config';
import { CliError } from '../errors';
import { escapeControlCharacters } from '../output/terminal-string';

export function addApiKeyCommands(program: Command, runner: Runner): void {
  const group = program.command('api-keys').description('further keys of a project, such as one for each service');

  withOutput(
    group.command('gen').argument('<name>', 'how you call it').description('make a key and keep it in the config'),
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
        // Another command may have made one of this name meanwhile.
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
    group.command('ls').description('list the keys that were made with this config, in clear'),
    'a list of `{ name, apiKey }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const { name: project, stored } = session.storedProject();
      const keys = Object.entries(stored.api_key ?? {}).map(([name, apiKey]) => ({ name, apiKey }));
      session
        .output(output)
        .show(keys, () =>
          keys.length === 0
            ? [`Project ${escapeControlCharacters(project)} has no further keys yet: orra api-keys gen <name>`]
            : [
                `The keys of project ${escapeControlCharacters(project)}:`,
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
