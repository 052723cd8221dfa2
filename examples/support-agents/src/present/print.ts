/** Prints the output of the demo, from top to bottom. */
import type { OrchestrationHandle, OrchestrationInspection, OrchestrationUpdate } from '@orra-ts/sdk';
import type { ActivityEntry } from '../desk/activity';
import { compensated } from '../orchestration';
import type { PlanningModel } from '../planning-model';
import { type Scenario, scenarios } from '../tickets';
import { bad, bold, dim, good, name, status } from './style';
import { type Cell, formatTable } from './table';

const WIDTH = 100;

const say = (text = ''): void => console.log(text);
const plain = (text: string): Cell => ({ text });
const faint = (text: string): Cell => ({ text, paint: dim });
const heading = (text: string, aside = ''): void => say(`\n  ${bold(text)}${aside && `  ${dim(aside)}`}`);
const rule = (title: string): void => say(`\n${bold(title)} ${dim('─'.repeat(WIDTH - title.length - 1))}`);

export function printWelcome({ about, options }: PlanningModel, agents: readonly string[]): void {
  say(`\n${bold('Orra for TypeScript')}: four agents, four tickets, and a model that plans\n`);
  const shown = options.includeValues
    ? 'action, agents, names, types and values of the data (LLM_INCLUDE_VALUES)'
    : 'action, agents, names and types of the data, none of its values';
  say(
    formatTable(
      [
        [faint('model'), plain(about)],
        [faint('prompt'), plain(shown)],
        [faint('agents'), plain(agents.join(', '))],
      ],
      '  ',
    ),
  );
}

export function printTicket(number: number, { ticket, action, story }: Scenario): void {
  const { ticketId, customerName, message } = ticket;
  rule(`Ticket ${number} of ${scenarios.length}: ${ticketId}`);
  say(`  ${customerName}: ${message}`);
  say(`  ${dim('action')}  ${action}`);
  say(`  ${dim(story)}`);
}

type Submitted = OrchestrationHandle['submitted'];

/** Prints the source of the plan, if there is a plan, and the attempts of the model. */
export function printPlanning({
  planSource,
  planning,
  error,
}: Pick<Submitted, 'planSource' | 'planning' | 'error'>): void {
  if (planSource?.kind === 'cache') {
    heading('Plan', `from the plan cache; the model ${planSource.model ?? ''} was not called`);
    return;
  }
  heading('Plan', planSource ? `by the model ${planning?.model ?? ''}` : `none, by the model ${planning?.model ?? ''}`);
  for (const [index, { promptTokens, completionTokens, problems = [] }] of (planning?.attempts ?? []).entries()) {
    // Not every endpoint reports tokens, and a failed request has none.
    const tokens =
      promptTokens === undefined ? 'tokens unknown' : `${promptTokens} tokens in, ${completionTokens ?? '?'} out`;
    say(`    ${dim(`attempt ${index + 1}`)}  ${tokens}${problems.length > 0 ? `, ${bad('rejected')}` : ''}`);
    for (const { taskId, field, message } of problems) {
      // `printResult` prints this message.
      if (message === error) continue;
      const place = [taskId, field].filter((part) => part !== undefined).join(', ');
      say(`               ${dim(place ? `${place}: ${message}` : message)}`);
    }
  }
}

/** Prints tasks by step. The tasks of a step run concurrently. */
export function printPlan({ plan }: Submitted): void {
  const groups = plan?.parallel_groups ?? [];
  const rows = groups.flatMap((ids, step) =>
    ids.map((id, index): Cell[] => {
      const task = plan?.tasks.find((candidate) => candidate.id === id);
      const wires = Object.entries(task?.input ?? {}).map(([field, value]) => wire(field, source(value)));
      return [
        faint(index === 0 ? `step ${step + 1}` : '   and'),
        plain(id),
        { text: task?.service_name ?? '', paint: name },
        faint(wires.join(', ')),
      ];
    }),
  );
  say(formatTable(rows));
}

/** Prints the arrow only if the names of the field and of its source differ. */
const wire = (field: string, from: string): string => (from.endsWith(`.${field}`) ? from : `${field} ← ${from}`);

/** `$task0.message` is the ticket's message: `task0` is the submitted data. */
const source = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/^\$task0\./, 'ticket.').replace(/^\$/, '') : JSON.stringify(value);

export const printProgressHeading = (): void => heading('Progress');

const BAR = 10;

export function printUpdate({ service, data, timestamp }: OrchestrationUpdate, sinceMs: number): void {
  const { progress = 0, message = '' } = data as { progress?: number; message?: string };
  const done = Math.round((progress / 100) * BAR);
  const bar = '█'.repeat(done) + dim('░'.repeat(BAR - done));
  const at = `${((Date.parse(timestamp) - sinceMs) / 1000).toFixed(2)} s`;
  say(`    ${dim(at.padStart(7))}  ${name(service.padEnd(15))}  ${bar} ${`${progress}`.padStart(3)} %  ${message}`);
}

export function printResult(inspection: OrchestrationInspection, deeds: readonly ActivityEntry[]): void {
  const { abortInfo, nearestServices, results, status: ended, tasks = [] } = inspection;
  heading('Result');
  const facts: [what: string, value: string, paint?: Cell['paint']][] = [
    ['status', ended, (padded) => status(ended, padded)],
  ];
  if (ended === 'completed') facts.push(['answer', inline(results?.[0])]);
  if (typeof inspection.error === 'string') facts.push(['reason', inspection.error]);
  if (nearestServices) facts.push(['nearest', nearestServices.join(', ')]);
  if (abortInfo) facts.push(['aborted by', `${abortInfo.serviceName}: ${inline(abortInfo.payload)}`]);
  for (const { serviceName, error } of tasks)
    if (error !== undefined) facts.push([`failed in`, `${serviceName}: ${error}`]);
  const undone = compensated(inspection);
  if (undone.length > 0) facts.push(['compensated', undone.join(', then ')]);
  facts.push(['at the desk', deeds.map(({ deed, detail }) => `${deed} ${detail}`).join(' → ') || 'nothing was done']);
  say(formatTable(facts.map(([what, text, paint]) => [faint(what), { text, ...(paint ? { paint } : {}) }])));
}

/** Formats `{ text: 'x' }` as `x`, and an object with several members as `a 1, b x`. */
function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value);
  return members.map(([member, inner]) => (members.length === 1 ? '' : `${member} `) + String(inner)).join(', ');
}

export interface Ending {
  readonly scenario: Scenario;
  readonly inspection: OrchestrationInspection;
  /** Empty if the ticket ended as expected. */
  readonly problems: readonly string[];
}

export function printSummary(endings: readonly Ending[], tookMs: number): void {
  rule('Summary');
  const header = ['ticket', 'ended', 'compensated', 'model called', 'as expected'].map(faint);
  const rows = endings.map(({ scenario, inspection, problems }): Cell[] => [
    plain(scenario.ticket.ticketId),
    { text: inspection.status, paint: (padded) => status(inspection.status, padded) },
    plain(compensated(inspection).join(', ') || '-'),
    plain(times(inspection.planning?.attempts.length ?? 0)),
    problems.length === 0 ? { text: 'yes', paint: good } : { text: 'NO', paint: bad },
  ]);
  say(formatTable([header, ...rows], '  '));
  for (const { scenario, problems } of endings) {
    for (const problem of problems) say(`  ${bad(scenario.ticket.ticketId)}  ${problem}`);
  }
  const right = endings.filter(({ problems }) => problems.length === 0).length;
  say(`\n  ${right} of ${endings.length} tickets ended as expected, in ${(tookMs / 1000).toFixed(1)} s\n`);
}

const TIMES = ['never', 'once', 'twice'];
const times = (count: number): string => TIMES[count] ?? `${count} times`;
