/** `docs/cli.md`, made from the command tree so that it cannot disagree with it. */
import type { Command, Option } from 'commander';
import { Runner, documentOf } from './command';
import { processIo } from '@orra-ts/common/process';
import { buildProgram } from './program';

const INTRODUCTION = `# The command line: \`orra\`

Made from the command tree by \`node scripts/cli-docs.mjs\`; a test keeps it in step. [The tutorial](tutorial.md) shows the commands at work.

Every command, flag, icon and exit code of the original CLI 0.2.5 is here, with the same config file. What is beyond it, or differs:

- \`dev\`, \`plan\`, \`services\`, \`plans\`, \`cancel\`, \`comp-fail retry\` and \`doctor\` are ours, as are \`--output\`, \`--debug\`, \`--watch\`, \`--follow\` and \`--max-wait\`.
- On the Go engine everything works that it offers; for the rest the command says that the engine does not offer it.
- **\`--data\` splits nothing at commas.** The original makes a list of strings of every value with a comma in it, also of \`note:Hello, world\` and of \`opts:{"a":1,"b":2}\`. Here a list is written as JSON: \`'tags:["a","b"]'\`.
- \`api-keys gen\` refuses a name that is taken: a replaced key could not be found again.
- \`inspect\` says \`Changed\` of the time since the status has changed, which the original labels \`Created\`, and of a task that is at work the time it has taken so far, where the original says \`0ms\`.
- Colours appear on terminals only; the original colours errors in pipes and files too.

## Config file

\`~/.orra/config.json\`, or the file that \`ORRA_CONFIG\` or \`--config\` names. It holds projects with their keys in clear, so it is readable for its owner alone (mode 0600), and it is written whole or not at all. Commands that change it at the same moment take turns: a file \`config.json.lock\` beside it names the one that writes, and counts for nothing once that process has ended. Members that other programs have put there are kept.

Without a project in the config, \`ORRA_URL\` and \`ORRA_API_KEY\` together are one, for the commands that only ask the engine.

## Output

People get tables: as wide as their content in a pipe, no wider than the terminal in one. Colours appear on terminals; \`NO_COLOR=1\` turns them off, \`FORCE_COLOR=1\` on. \`--output wide\` shows more columns.

Programs get \`--output json\` or \`yaml\`. What each command writes is said below and stays as it is: members may be added, none is removed or renamed. Errors go to standard error: with \`json\` as one line \`{ error: { code, message, lines?, next? } }\`, with \`yaml\` as the same in YAML. In tables \`--debug\` shows the code.

Icons: \`○\` pending, \`◎\` processing, \`●\` completed or resolved, \`✕\` failed or expired, \`⊘\` not actionable, \`⏸\` paused, \`⊟\` aborted, \`⊗\` cancelled, \`⊖\` ignored, \`─\` none.

## Data of an action

| written | sent |
| --- | --- |
| \`-d orderId:A-17\`, \`-d n:5\`, \`-d ok:true\` | \`"A-17"\`, \`"5"\`, \`"true"\`: a text, as it stands |
| \`-d a:1,2\`, \`-d tags:a,b,c\`, \`-d 'note:Hello, world'\` | \`"1,2"\`, \`"a,b,c"\`, \`"Hello, world"\`: a text too, commas and all |
| \`-d 'items:[{"sku":"x"}]'\`, \`-d 'opts:{"a":1,"b":2}'\` | \`[{"sku":"x"}]\`, \`{"a":1,"b":2}\`: \`[\` to \`]\` and \`{\` to \`}\` around the whole value are JSON |
| \`-d 'half:[1,2'\`, \`-d 'seat:[12] A'\` | \`"[1,2"\`, \`"[12] A"\`: not around the whole of it, so a text |
| \`-d 'n:=5'\`, \`-d 'ok:=true'\`, \`-d 'x:=null'\`, \`-d 'list:=[1,2]'\` | \`5\`, \`true\`, \`null\`, \`[1,2]\`: behind \`:=\` stands JSON, whatever its kind |
| \`-d 'formula:="=A1"'\`, \`-d 'mark:="[draft]"'\` | \`"=A1"\`, \`"[draft]"\`: how to write a text that begins with \`=\` or stands in brackets |

Brackets with something else than JSON in them, and something else than JSON behind \`:=\`, are refused before anything is sent. The name ends at the first colon. A later value of a name replaces an earlier one. Durations of other flags have units: \`500ms\`, \`45s\`, \`1h30m\`.

## Exit codes

| code | meaning                                                                       |
| ---- | ----------------------------------------------------------------------------- |
| 0    | done; where a command waits: completed                                        |
| 1    | the command could not do its work, or was written wrongly                     |
| 2    | only where a command waits: the orchestration failed, was aborted or cancelled |
| 3    | \`plan\`, and where a command waits: not actionable                            |
| 4    | only where a command waits: \`--max-wait\` was over first                       |
| 130  | Ctrl-C while waiting for an orchestration, which runs on                      |

Commands that wait are \`verify run --follow\` and \`inspect --watch\`. Both go on until what was done is compensated, too. A task that was at work when its orchestration ended is not waited for: its handler is not told, and what it completes later is compensated then.
`;

/** Markdown. It is formatted by the script that writes it. */
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
