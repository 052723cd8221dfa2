/** `orra services ls`: the services and agents that plans can use. */
import type { Command } from 'commander';
import type { ServiceView } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { Label } from '../output/icons';
import type { Style } from '../output/output';
import type { Column } from '../output/table';
import { formatAge } from '../output/time';
import { projectHeader } from '../views/header';
import { byName, tableBox } from '../views/table-box';

export function addServiceCommands(program: Command, runner: Runner): void {
  const services = program.command('services').description('services and agents of the project');
  withOutput(
    services.command('ls').alias('list').description('list services and agents with their connection status'),
    'a list of `{ id, name, type, description, version, revertible, schema, jsonSchema?, leftToService?, timeoutMs?, capabilities?, connections, createdAt, updatedAt }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const project = session.project();
      const list = [...(await session.clientOf(project).services.list())].sort(byName);
      session.output(output).show(list, (style) => [...projectHeader(project), ...serviceListView(list, style)]);
      return undefined;
    }),
  );
}

function serviceListView(services: readonly ServiceView[], style: Style): string[] {
  if (services.length === 0) return ['No services are registered'];
  const { wide, nowMs } = style;
  const columns: Column<ServiceView>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'NAME', read: ({ name }) => name },
    { header: 'KIND', read: ({ type }) => type },
    { header: 'STATUS', read: (service) => connectionLabel(service, style) },
    { header: 'REVERTIBLE', read: ({ revertible }) => (revertible ? 'yes' : 'no') },
    { header: 'VERSION', read: ({ version }) => String(version) },
    { header: 'CHANGED', read: ({ updatedAt }) => formatAge(updatedAt, nowMs) },
  ];
  if (wide) {
    columns.push({ header: 'DESCRIPTION', read: ({ description }) => description, flexible: true });
    columns.push({
      header: 'CHECKED BY THE SERVICE',
      read: ({ leftToService }) => leftToService?.join('; ') || '-',
      flexible: true,
    });
  }
  return tableBox('Services', columns, services, style);
}

function connectionLabel({ connections }: ServiceView, { colours }: Style): Label {
  if (connections === 0) return { text: '⏸ Disconnected', colour: colours.yellow };
  return { text: `● Connected${connections > 1 ? ` (${connections})` : ''}`, colour: colours.green };
}
