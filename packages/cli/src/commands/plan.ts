/** `orra plan`: shows the plan of an action without running it, and saves it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describeThrown } from '@orra-ts/common';
import { type PlanPreview, nameProblem } from '@orra-ts/protocol';
import { type DataFlags, type OutputFlags, type Runner, withData, withOutput } from '../command';
import { parseData } from '../data';
import { CliError, EXIT } from '../errors';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { jsonSchemaOf } from '../plans/input-schema';
import { renderPlanCode } from '../plans/plan-code';
import { type PinnedPlan, pinPlan } from '../plans/plan-document';
import { type PlanOrigin, originOf, reviewLines } from '../plans/plan-origin';
import { renderPlanYaml } from '../plans/plan-yaml';
import type { Session } from '../session';
import { projectHeader } from '../views/header';
import { planPreviewView } from '../views/plan-preview';

interface PlanFlags extends OutputFlags, DataFlags {
  readonly save?: string;
  readonly code?: boolean;
  readonly force?: boolean;
}

interface SavedFile {
  readonly name: string;
  readonly content: string;
}

type Saved = Omit<PinnedPlan, 'document'> & { readonly files: readonly string[] };

export function addPlanCommand(program: Command, runner: Runner): void {
  withOutput(
    withData(
      program
        .command('plan')
        .argument('<action>', 'describes the work, in words')
        .description('show the plan of an action without running it, and optionally save it'),
    )
      .option(
        '--save <name>',
        'write the plan to <name>.plan.yaml in this folder, with references to the data; `orra plans apply` registers it',
      )
      .option('--code', 'with --save: also write <name>.plan.ts, the same plan as `definePlan` code')
      .option('--force', 'with --save: replace existing files'),
    "the engine's response: `{ outcome, plan?, taskZero?, constants?, source?, reason?, problems?, nearestServices?, planning?, groundingHit? }`; `outcome` is `planned`, `not_actionable`, `invalid` or `failed`; with `--save` also `saved`: `{ files, replaced, fixed, undecided, renamed }`",
  ).action(runner.handle<[string], PlanFlags>(plan));
}

async function plan(session: Session, flags: PlanFlags, action: string): Promise<number> {
  // Check the command line before the engine may call a paid model.
  const data = parseData(flags.data ?? []);
  const files = filesToWrite(flags);
  if (!flags.force) rejectExistingFiles(session.io.cwd, files);
  const output = session.output(flags.output);
  const project = session.project();
  const preview = await session.clientOf(project).action(action).with(data).preview();
  const shown = withConstants(preview, data);
  const origin = originOf(preview, project.server, session.io.clock.now());
  let saved: Saved | undefined;
  let saveError: unknown;
  if (flags.save !== undefined && preview.outcome === 'planned') {
    try {
      saved = save(session.io.cwd, pinPlan({ name: flags.save, action, data, preview }), preview, origin, flags);
    } catch (error) {
      // Show the plan first, because a model may have been paid for it.
      saveError = error;
    }
  }
  output.show({ ...shown, saved }, (style) => [
    ...projectHeader(project),
    ...planPreviewView(action, shown, style),
    ...(saved ? ['', ...savedView(saved, style)] : []),
  ]);
  if (saveError !== undefined) throw saveError as Error;
  if (flags.save !== undefined && !saved) session.note('nothing was saved because there is no plan');
  return exitCodeOf(preview);
}

/** Adds the constants when the engine does not list the fields that were not submitted. */
function withConstants(preview: PlanPreview, data: Readonly<Record<string, unknown>>): PlanPreview {
  if (preview.constants || !preview.taskZero) return preview;
  const constants = Object.keys(preview.taskZero).filter((field) => !Object.hasOwn(data, field));
  return constants.length === 0 ? preview : { ...preview, constants };
}

function exitCodeOf({ outcome }: PlanPreview): number {
  switch (outcome) {
    case 'planned':
      return EXIT.ok;
    case 'not_actionable':
      return EXIT.notActionable;
    case 'invalid':
    case 'failed':
      return EXIT.error;
  }
}

/** @throws CliError `ORRA_INVALID_OPTION` */
function filesToWrite({ save: name, code = false, force = false }: PlanFlags): string[] {
  if (name === undefined) {
    if (!code && !force) return [];
    throw new CliError('ORRA_INVALID_OPTION', `${code ? '--code' : '--force'} requires --save`, {
      next: 'add --save <name>',
    });
  }
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw new CliError('ORRA_INVALID_OPTION', `--save ${JSON.stringify(name)}: the name of a plan ${problem}`, {
      next: 'choose a name such as ship-order',
    });
  }
  return [`${name}.plan.yaml`, ...(code ? [`${name}.plan.ts`] : [])];
}

function rejectExistingFiles(cwd: string, files: readonly string[]): void {
  const there = files.find((file) => existsSync(join(cwd, file)));
  if (there === undefined) return;
  throw new CliError('ORRA_FILE_EXISTS', `the file ${there} already exists in this folder`, {
    next: 'save it under another name, or replace the file with --force',
  });
}

function save(cwd: string, pinned: PinnedPlan, preview: PlanPreview, origin: PlanOrigin, flags: PlanFlags): Saved {
  const { document, ...decided } = pinned;
  const yaml = `${document.name}.plan.yaml`;
  // Create all contents before writing the first file.
  const files: SavedFile[] = [{ name: yaml, content: renderPlanYaml(pinned, origin, yaml) }];
  if (flags.code) {
    const services = new Map(
      (preview.plan?.tasks ?? []).map(({ service_name: name, expected_input, expected_output }) => [
        name,
        { input: jsonSchemaOf(expected_input), output: jsonSchemaOf(expected_output) },
      ]),
    );
    const content = renderPlanCode(document, services, reviewLines(pinned, origin));
    files.push({ name: `${document.name}.plan.ts`, content });
  }
  for (const file of files) write(cwd, file, flags);
  return { files: files.map(({ name }) => name), ...decided };
}

function write(cwd: string, { name, content }: SavedFile, { force = false }: PlanFlags): void {
  try {
    writeFileSync(join(cwd, name), content, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    throw new CliError('ORRA_FILE_WRITE_FAILED', `${name} cannot be written: ${describeThrown(cause)}`, {
      next: 'run the command in a folder that you may write to',
      cause,
    });
  }
}

function savedView({ files, replaced, fixed, undecided, renamed }: Saved, { colours }: Style): string[] {
  const [yaml = ''] = files;
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${escapeControlCharacters(line)}`)];
  return [
    `${colours.green('✓')} Saved ${files.join(' and ')}`,
    ...list(
      'Replaced by references to the data:',
      replaced.map(({ task, field, value, reference }) => `${task}.${field}: ${JSON.stringify(value)} -> ${reference}`),
    ),
    ...list(
      'Constants, kept as literals:',
      fixed.map(({ name, value }) => `${name} = ${JSON.stringify(value)}`),
    ),
    ...list(
      'Ambiguous values, kept as literals:',
      undecided.map(({ value, fields }) => `${JSON.stringify(value)} may be ${fields.join(' or ')}`),
    ),
    ...list(
      'Renamed tasks:',
      renamed.map(({ from, to }) => `${from} -> ${to}`),
    ),
    `  Review it, then: orra plans apply ${yaml}`,
  ];
}
