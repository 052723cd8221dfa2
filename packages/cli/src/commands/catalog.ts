/** What plans are made of: `services ls` and `plans ls`. */
import type { Command } from 'commander';
import { type DefinedPlanView, type ServiceView, TASK_ZERO } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { BOX_SIDE, box } from '../output/box';
import type { Paint } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { formatAge } from '../output/time';
import { projectHeader } from '../views/header';

export function addCatalogCommands(program: Command, runner: Runner): void {
  const services = program.command('services').description('services and agents of the project');
  withOutput(
    services.command('ls').alias('list').description('list services and agents, and whether they are connected'),
    'a list of `{ id, name, type, description, version, revertible, schema, timeoutMs?, connections, createdAt, updatedAt }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const project = session.project();
      const list = [...(await session.clientOf(project).services.list())].sort(byName);
      session.output(output).show(list, (style) => [...projectHeader(project), ...serviceListView(list, style)]);
      return undefined;
    }),
  );

  const plans = program.command('plans').description('plans defined in code');
  withOutput(
    plans.command('ls').alias('list').description('list the plans that services have registered'),
    'a list of `{ name, action, description?, input, plan, version, createdAt }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const project = session.project();
      const list = [...(await session.clientOf(project).plans.list())].sort(byName);
      session.output(output).show(list, (style) => [...projectHeader(project), ...planListView(list, style)]);
      return undefined;
    }),
  );
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

function serviceListView(services: readonly ServiceView[], style: Style): string[] {
  if (services.length === 0) return ['No services are registered'];
  const { wide, nowMs } = style;
  const columns: Column<ServiceView>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'NAME', read: ({ name }) => name },
    { header: 'KIND', read: ({ type }) => type },
    { header: 'STATUS', read: (service) => connectionLook(service, style) },
    { header: 'REVERTIBLE', read: ({ revertible }) => (revertible ? 'yes' : 'no') },
    { header: 'VERSION', read: ({ version }) => String(version) },
    { header: 'CHANGED', read: ({ updatedAt }) => formatAge(updatedAt, nowMs) },
  ];
  if (wide) columns.push({ header: 'DESCRIPTION', read: ({ description }) => description, flexible: true });
  return tableBox('Services', columns, services, style);
}

function connectionLook({ connections }: ServiceView, { colours }: Style): Paint {
  if (connections === 0) return { text: '⏸ Away', colour: colours.yellow };
  return { text: `● Connected${connections > 1 ? ` (${connections})` : ''}`, colour: colours.green };
}

function planListView(plans: readonly DefinedPlanView[], style: Style): string[] {
  if (plans.length === 0) return ['No plans are registered'];
  const { wide, nowMs } = style;
  const columns: Column<DefinedPlanView>[] = [
    { header: 'NAME', read: ({ name }) => name },
    { header: 'ACTION', read: ({ action }) => action, flexible: true },
    { header: 'TASKS', read: (plan) => String(tasksOf(plan).length) },
    { header: 'VERSION', read: ({ version }) => String(version) },
    { header: 'CREATED', read: ({ createdAt }) => formatAge(createdAt, nowMs) },
  ];
  if (wide) {
    const read = (plan: DefinedPlanView): string =>
      tasksOf(plan)
        .map(({ service }) => service ?? '?')
        .join(', ');
    columns.push({ header: 'SERVICES', read, flexible: true });
  }
  return tableBox('Plans', columns, plans, style);
}

const tasksOf = ({ plan }: DefinedPlanView): DefinedPlanView['plan']['tasks'] =>
  plan.tasks.filter(({ id }) => id.toLowerCase() !== TASK_ZERO);

const tableBox = <Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, colours }: Style,
): string[] =>
  box(
    title,
    renderTable(columns, rows, {
      width: width === undefined ? undefined : width - BOX_SIDE.length,
      dim: colours.dim,
    }),
  );
