/** Defined plans: `plans ls`, `show`, `apply` and `rm`. */
import type { Command } from 'commander';
import { OrraInvalidRequestError } from '@orra-ts/client';
import type { PlanProblemView, PlanRegisteredView } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { type FilePlan, invalidFile, readPlanFile } from '../plan-file';
import type { Session } from '../session';
import { planListView, planView } from '../views/defined-plans';
import { projectHeader } from '../views/header';
import { byName } from '../views/table-box';

export function addPlanCommands(program: Command, runner: Runner): void {
  const plans = program.command('plans').description('plans that run when an action matches them');

  withOutput(
    plans.command('ls').alias('list').description('list plans, and the problems that prevent them from running'),
    'a list of `{ name, action, description?, input, plan, version, createdAt, stale?, problems? }`; `stale` lists what services have changed since the registration, `problems` what does not match the services, each as `{ taskId?, field?, message }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const project = session.project();
      const list = [...(await session.clientOf(project).plans.list())].sort(byName);
      session.output(output).show(list, (style) => [...projectHeader(project), ...planListView(list, style)]);
      return undefined;
    }),
  );

  withOutput(
    plans
      .command('show')
      .argument('<name>', 'name from `orra plans ls`')
      .description('show the tasks and versions of a plan, and the problems that prevent it from running'),
    'a plan as in `ls`, `retiredAt` if it is removed, and `versions`: newest first, each `{ name, action, description?, input, plan, version, createdAt, retiredAt? }`',
  ).action(
    runner.handle<[string], OutputFlags>(async (session, { output }, name) => {
      const plan = await session.client().plans.get(name);
      session.output(output).show(plan, (style) => planView(plan, style));
      return undefined;
    }),
  );

  withOutput(
    plans
      .command('apply')
      .argument('<file>', 'YAML or JSON file: one plan, or several documents')
      .description(
        'register the plans of a file; plans that are already registered with the same content stay unchanged',
      ),
    'a list of `{ name, version, status, stale?, problems? }`; `status` is `registered` or `unchanged`',
  ).action(runner.handle<[string], OutputFlags>(apply));

  withOutput(
    plans
      .command('rm')
      .alias('remove')
      .argument('<name>', 'name from `orra plans ls`')
      .description('remove a plan, so that no action matches it any more; its versions stay readable'),
    '`{ removed }`: the name',
  ).action(
    runner.handle<[string], OutputFlags>(async (session, { output }, name) => {
      await session.client().plans.remove(name);
      session
        .output(output)
        .show({ removed: name }, ({ colours }) => [
          `${colours.green('✓')} Plan ${escapeControlCharacters(name)} removed`,
        ]);
      return undefined;
    }),
  );
}

interface Applied {
  readonly name: string;
  readonly version: number;
  readonly status: 'registered' | 'unchanged';
  readonly stale?: readonly PlanProblemView[];
  readonly problems?: readonly PlanProblemView[];
}

async function apply(session: Session, { output }: OutputFlags, filename: string): Promise<undefined> {
  const plans = readPlanFile(session.io.cwd, filename);
  const { plans: api } = session.client();
  const applied: { readonly from: FilePlan; readonly result: Applied }[] = [];
  const show = (): void =>
    session.output(output).show(
      applied.map(({ result }) => result),
      (style) => applied.flatMap(({ from, result }) => appliedLines(from, result, style)),
    );
  for (const from of plans) {
    try {
      applied.push({ from, result: resultOf(await api.register(from.plan)) });
    } catch (error) {
      if (applied.length > 0) show();
      throw applyError(error, from, filename);
    }
  }
  show();
  return undefined;
}

function resultOf({ name, version, unchanged, stale, problems }: PlanRegisteredView): Applied {
  return {
    name,
    version,
    status: unchanged ? 'unchanged' : 'registered',
    stale,
    problems,
  };
}

function appliedLines(
  from: FilePlan,
  { name, version, status, stale, problems }: Applied,
  { colours }: Style,
): string[] {
  const done = status === 'unchanged' ? `unchanged (version ${version})` : `registered as version ${version}`;
  const reasons = stale ?? problems ?? [];
  return [
    `${colours.green('✓')} ${escapeControlCharacters(name)}: ${done}`,
    ...(reasons.length > 0 ? [colours.yellow('  it cannot run with the registered services:')] : []),
    ...reasons.map((problem) => `    ${escapeControlCharacters(from.formatProblem(problem))}`),
  ];
}

function applyError(error: unknown, from: FilePlan, filename: string): unknown {
  if (!(error instanceof OrraInvalidRequestError)) return error;
  const { problems, engineMessage } = error.details as { problems?: PlanProblemView[]; engineMessage?: string };
  const reported = problems ?? [{ message: engineMessage ?? error.message }];
  return invalidFile(
    filename,
    reported.map((problem) => from.formatProblem(problem)),
    error,
  );
}
