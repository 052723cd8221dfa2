/** Generates `docs/cli.md` from the command tree. */
import type { Command, Option } from 'commander';
import { processIo } from '@orra-ts/common/process';
import { Runner, documentOf } from './command';
import { buildProgram } from './program';

const INTRODUCTION = `# The command line: \`orra\`

This page lists every command, flag and exit code. It is generated from the command tree by \`node scripts/cli-docs.mjs\`. [The tutorial](tutorial.md) shows the commands in use.

The CLI supports every command, flag, icon and exit code of the Go CLI 0.2.5, and the same config file. Additions and differences:

- \`dev\`, \`plan\`, \`services\`, \`plans\`, \`cancel\`, \`comp-fail retry\` and \`doctor\` are additions, as are \`--output\`, \`--debug\`, \`--watch\`, \`--follow\`, \`--max-wait\` and \`--version\`.
- Commands that the Go engine does not support fail with a message that says so.
- **\`--data\` does not split values at commas.** The Go CLI makes a list of strings of every value that contains a comma, even of \`note:Hello, world\` and \`opts:{"a":1,"b":2}\`. Write a list as JSON: \`'tags:["a","b"]'\`.
- \`api-keys gen\` rejects a name that is already used, because a replaced key could not be recovered.
- \`inspect\` labels the time since the last change of the status \`Changed\`; the Go CLI labels it \`Created\`. It shows the elapsed time of a running task; the Go CLI shows \`0ms\`.
- Colours appear on terminals only. The Go CLI also colours errors in pipes and files.

## Config file

The config file is \`~/.orra/config.json\`, or the file that \`ORRA_CONFIG\` or \`--config\` names. It contains projects and their keys in plain text, so only its owner can read it (mode 0600). It is replaced atomically. Commands that change it at the same time wait for each other: the lock file \`config.json.lock\` names the process that writes, and is ignored once that process has ended. Unknown members are preserved.

Without a project in the config, \`ORRA_URL\` and \`ORRA_API_KEY\` together define one, for commands that do not change the config.

## Output

The default output is a table. It fits the width of a terminal, and is as wide as its content in a pipe. Colours appear on terminals; \`NO_COLOR=1\` turns them off, \`FORCE_COLOR=1\` on. \`--output wide\` shows more columns.

Scripts use \`--output json\` or \`yaml\`. The output of each command is described below and is stable: members may be added, but are not removed or renamed. Errors go to standard error, with \`json\` as one line \`{ error: { code, message, lines?, next? } }\`, with \`yaml\` as the same in YAML. With other formats, \`--debug\` shows the code.

Icons: \`○\` pending, \`◎\` processing, \`●\` completed or resolved, \`✕\` failed or expired, \`⊘\` not actionable, \`⏸\` paused, \`⊟\` aborted, \`⊗\` cancelled, \`⊖\` ignored, \`─\` none.

## Data of an action

| written | sent |
| --- | --- |
| \`-d orderId:A-17\`, \`-d n:5\`, \`-d ok:true\` | \`"A-17"\`, \`"5"\`, \`"true"\`: a string, unchanged |
| \`-d a:1,2\`, \`-d tags:a,b,c\`, \`-d 'note:Hello, world'\` | \`"1,2"\`, \`"a,b,c"\`, \`"Hello, world"\`: also a string, with its commas |
| \`-d 'items:[{"sku":"x"}]'\`, \`-d 'opts:{"a":1,"b":2}'\` | \`[{"sku":"x"}]\`, \`{"a":1,"b":2}\`: a value in \`[\`…\`]\` or \`{\`…\`}\` is JSON |
| \`-d 'half:[1,2'\`, \`-d 'seat:[12] A'\` | \`"[1,2"\`, \`"[12] A"\`: a string, because the brackets do not enclose the whole value |
| \`-d 'n:=5'\`, \`-d 'ok:=true'\`, \`-d 'x:=null'\`, \`-d 'list:=[1,2]'\` | \`5\`, \`true\`, \`null\`, \`[1,2]\`: any JSON value follows \`:=\` |
| \`-d 'formula:="=A1"'\`, \`-d 'mark:="[draft]"'\` | \`"=A1"\`, \`"[draft]"\`: a string that starts with \`=\` or is enclosed in brackets |

Invalid JSON in brackets or after \`:=\` is an error, and nothing is sent. The name ends at the first colon. A later value replaces an earlier one with the same name. Durations of other flags have units: \`500ms\`, \`45s\`, \`1h30m\`.

## Exit codes

| code | meaning                                                                       |
| ---- | ----------------------------------------------------------------------------- |
| 0    | success; if the command waits: the orchestration completed                     |
| 1    | the command failed, or its arguments are invalid                              |
| 2    | only if the command waits: the orchestration failed, was aborted or cancelled  |
| 3    | \`plan\`, or if the command waits: the action is not actionable                |
| 4    | only if the command waits: \`--max-wait\` passed first                          |
| 130  | Ctrl-C while waiting for an orchestration, which continues to run             |

Commands that wait are \`verify run --follow\` and \`inspect --watch\`. Both end when the orchestration is settled: it has ended, every compensation has ended, and the engine waits for no late result any more. \`inspect\` lists under \`Waiting For\` what is missing. The Go engine does not show what it waits for; there, the commands end with the last visible compensation.
`;

/** Returns Markdown. The script that writes it formats it. */
export function renderReference(): string {
  const program = buildProgram(new Runner(processIo()));
  const sections = program.commands.map((command) => [
    `## \`orra ${command.name()}\``,
    ...(isGroup(command) ? [sentence(command.description())] : commandLines(command)),
    ...leaves(command)
      .filter((leaf) => leaf !== command)
      .flatMap((leaf) => [`### \`${callOf(leaf)}\``, ...commandLines(leaf)]),
  ]);
  const globals = ['## Flags of every command', program.options.map(optionLine).join('\n')];
  return [INTRODUCTION, ...globals, ...sections.flat(), ''].join('\n\n');
}

const isGroup = (command: Command): boolean => command.commands.length > 0;

const leaves = (command: Command): Command[] => (isGroup(command) ? command.commands.flatMap(leaves) : [command]);

function commandLines(command: Command): string[] {
  const document = documentOf(command);
  const [alias] = command.aliases();
  const inputs = [
    ...command.registeredArguments.map((argument) => `- \`${argument.name()}\`: ${argument.description}`),
    ...command.options.map(optionLine),
  ];
  return [
    `${sentence(command.description())}${alias === undefined ? '' : ` Also called \`${alias}\`.`}`,
    ...(isTopLevel(command) ? [`\`\`\`\n${callOf(command)}\n\`\`\``] : []),
    inputs.join('\n'),
    ...(document === undefined ? [] : [`JSON: ${document}.`]),
  ];
}

const isTopLevel = (command: Command): boolean => command.parent?.parent === null;

function callOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const positional = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [...names, ...positional].join(' ');
}

function optionLine(option: Option): string {
  const { flags, description, argChoices, mandatory } = option;
  const defaultValue = option.defaultValue as string | undefined;
  const notes = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices ? [argChoices.map((choice) => `\`${choice}\``).join(', ')] : []),
    ...(defaultValue === undefined ? [] : [`default \`${defaultValue}\``]),
  ];
  return `- \`${flags}\`: ${description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
