/** `orra grounding`: descriptions of a project's actions, for planning and for checking plans. */
import { Argument, type Command } from 'commander';
import { OrraGroundingExistsError, OrraInvalidRequestError } from '@orra-ts/client';
import {
  type GroundingBody,
  type GroundingMode,
  GroundingSchema,
  type GroundingView,
  isJsonObject,
  parseValue,
} from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { CliError } from '../errors';
import { BOX_SIDE, box } from '../output/box';
import type { Style } from '../output/output';
import { renderTable } from '../output/table';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session } from '../session';
import { readInputFile } from '../input-file';
import { projectHeader } from '../views/header';
import { readDocuments } from '../yaml';

export function addGroundingCommands(program: Command, runner: Runner): void {
  const group = program
    .command('grounding')
    .description('groundings: descriptions of actions, for planning and for checking plans');

  withOutput(
    group
      .command('apply')
      .description('store a grounding; it replaces another version with the same name')
      .requiredOption('-f, --filename <file>', 'YAML or JSON file'),
    'the grounding as the engine stored it: `{ name, domain, version, useCases, constraints }`',
  ).action(runner.handle<[], OutputFlags & { readonly filename: string }>(apply));

  withOutput(
    group.command('ls').alias('list').description('list groundings'),
    'a list of groundings as in `apply`, by name',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const project = session.project();
      const groundings = await session.clientOf(project).groundings.list();
      session
        .output(output)
        .show(groundings, (style) => [...projectHeader(project), ...groundingListView(groundings, style)]);
      return undefined;
    }),
  );

  withOutput(
    group
      .command('rm')
      .alias('remove')
      .argument('[name]', 'name from `orra grounding ls`')
      .description('remove a grounding, or all of them')
      .option('--all', 'remove every grounding of the project'),
    '`{ removed }`: the name, or `"all"`',
  ).action(runner.handle<[string | undefined], OutputFlags & { readonly all?: boolean }>(remove));

  withOutput(
    group
      .command('mode')
      .addArgument(new Argument('[mode]', 'new mode: `guide` or `strict`').choices(Object.keys(MODES)))
      .description('show or set the mode of groundings: guide planning, or reject what does not match them'),
    '`{ groundings }`: the mode',
  ).action(runner.handle<[GroundingMode | undefined], OutputFlags>(showOrSetMode));
}

const MODES: Readonly<Record<GroundingMode, string>> = {
  guide: 'they guide planning and reject nothing',
  strict: 'once there is a grounding, actions and plans that match none are rejected',
};

async function showOrSetMode(
  session: Session,
  { output }: OutputFlags,
  mode: GroundingMode | undefined,
): Promise<undefined> {
  const { project } = session.client();
  const settings = await (mode ? project.configure({ groundings: mode }) : project.settings());
  const { groundings } = settings;
  const mark = (style: Style): string => (mode ? `${style.colours.green('✓')} ` : '');
  session
    .output(output)
    .show(settings, (style) => [
      `${mark(style)}Groundings: ${escapeControlCharacters(groundings)} (${MODES[groundings]})`,
    ]);
  return undefined;
}

async function apply(session: Session, flags: OutputFlags & { readonly filename: string }): Promise<undefined> {
  const { filename } = flags;
  const body = readGrounding(session.io.cwd, filename);
  const orra = session.client();
  let stored: GroundingView;
  try {
    stored = await orra.groundings.apply(body);
  } catch (error) {
    if (error instanceof OrraGroundingExistsError) {
      throw new CliError(
        'ORRA_GROUNDING_EXISTS',
        `grounding ${body.name ?? ''} already has version ${body.version ?? ''}`,
        {
          next: `raise \`version\` in ${filename}, or remove it first: \`orra grounding rm ${body.name ?? ''}\``,
          cause: error,
        },
      );
    }
    if (error instanceof OrraInvalidRequestError) {
      const { param, engineMessage } = error.details;
      const why = typeof engineMessage === 'string' ? engineMessage : error.message;
      // The message of an engine starts with the member, or only `param` names it.
      const where = typeof param !== 'string' || why.startsWith(param) ? '' : `${param}: `;
      throw new CliError('ORRA_INVALID_REQUEST', `${filename} cannot be applied: ${where}${why}`, {
        next: 'correct the file and apply it again',
        cause: error,
      });
    }
    throw error;
  }
  session
    .output(flags.output)
    .show(stored, ({ colours }) => [
      `${colours.green('✓')} Grounding ${escapeControlCharacters(stored.name)} ${escapeControlCharacters(stored.version)} applied (${escapeControlCharacters(filename)})`,
    ]);
  return undefined;
}

/** The member is `use-cases` in files and `useCases` on the wire. Both are accepted. */
function readGrounding(cwd: string, filename: string): GroundingBody {
  const text = readInputFile(cwd, filename, 'pass the path of a grounding: -f <file>');
  const documents = readDocuments(filename, text);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw invalidFile(filename, `line ${error.line}: ${error.message}`);
  if (documents.length > 1) throw invalidFile(filename, 'it contains more than one document');
  const content = documents[0]?.value;
  if (!isJsonObject(content)) throw invalidFile(filename, 'it must be an object');
  const { 'use-cases': useCases, ...rest } = content;
  const parsed = parseValue(GroundingSchema, useCases === undefined ? rest : { ...rest, useCases });
  if (!parsed.ok) throw invalidFile(filename, `${parsed.error.path || 'it'}: ${parsed.error.message}`);
  return parsed.value;
}

const invalidFile = (filename: string, why: string): CliError =>
  new CliError('ORRA_INVALID_GROUNDING', `${filename} is not a grounding: ${why}`, {
    next: 'it requires name, domain, version and use-cases; quote versions such as "1.0", which YAML reads as numbers',
  });

async function remove(
  session: Session,
  { output, all = false }: OutputFlags & { readonly all?: boolean },
  name: string | undefined,
): Promise<undefined> {
  if (all === (name !== undefined)) {
    throw new CliError(
      'ORRA_INVALID_OPTION',
      all ? '--all cannot be combined with a name' : 'the name of the grounding is missing',
      {
        next: 'pass its name (`orra grounding ls` lists them), or --all',
      },
    );
  }
  const { groundings } = session.client();
  await (name === undefined ? groundings.removeAll() : groundings.remove(name));
  session
    .output(output)
    .show({ removed: name ?? 'all' }, ({ colours }) => [
      `${colours.green('✓')} ${name === undefined ? 'All groundings removed' : `Grounding ${escapeControlCharacters(name)} removed`}`,
    ]);
  return undefined;
}

function groundingListView(groundings: readonly GroundingView[], { colours, width }: Style): string[] {
  if (groundings.length === 0) return ['No groundings'];
  const table = renderTable<GroundingView>(
    [
      { header: 'NAME', read: ({ name }) => name },
      { header: 'DOMAIN', read: ({ domain }) => domain, flexible: true },
      { header: 'VERSION', read: ({ version }) => version },
      { header: 'USE-CASES', read: ({ useCases }) => String(useCases.length) },
    ],
    groundings,
    { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim },
  );
  return box('Groundings', table);
}
