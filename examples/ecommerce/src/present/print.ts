/** Prints the output of the demo, from top to bottom. */
import type { OrchestrationHandle, OrchestrationInspection, OrchestrationUpdate, TaskInspection } from '@orra-ts/sdk';
import type { Receipt } from '../dto/payment';
import { compensated } from '../orchestration';
import type { Scenario } from '../scenarios';
import { formatCents } from '../shop/money';
import type { Books, Shop } from '../shop/shop';
import { bad, bold, dim, good, name, status } from './style';
import { type Cell, formatTable } from './table';

const WIDTH = 100;

const say = (text = ''): void => console.log(text);
const plain = (text: string): Cell => ({ text });
const faint = (text: string): Cell => ({ text, paint: dim });
const heading = (text: string, aside = ''): void => say(`\n  ${bold(text)}${aside && `  ${dim(aside)}`}`);

export function printWelcome(engine: string, services: readonly string[], shop: Shop, sold: Receipt): void {
  say(`\n${bold('Orra for TypeScript')}: one plan, three orders, three outcomes\n`);
  const stocked = `${shop.stock.size} products, ${shop.customers.size} customers`;
  say(
    formatTable(
      [
        [faint('Plan Engine'), plain(engine)],
        [faint('services'), plain(services.join(', '))],
        [faint('shop'), plain(stocked)],
        [
          faint('counter'),
          plain(`a gift card for ${formatCents(sold.amountCents)}: a direct call of PaymentService.charge`),
        ],
      ],
      '  ',
    ),
  );
}

export function printOrder(number: number, { orderId, customerId, lines, story }: Scenario, shop: Shop): void {
  const title = `Order ${number} of 3: ${orderId}`;
  say(`\n${bold(title)} ${dim('─'.repeat(WIDTH - title.length - 1))}`);
  const goods = lines.map(({ productId, quantity }) => `${quantity} x ${shop.stock.product(productId).name}`);
  const buyer = shop.customers.find(customerId)?.name ?? customerId;
  say(`  ${buyer} wants ${goods.join(' and ')} for ${formatCents(shop.stock.quoteCents(lines))}`);
  say(`  ${dim(story)}`);
}

export function printPlan({ plan, submitted }: OrchestrationHandle): void {
  heading('Plan', `"${submitted.planSource?.name ?? ''}", defined in code`);
  const tasks = plan?.tasks ?? [];
  say(
    formatTable(
      tasks.map(({ id, service_name, input }) => {
        const wires = Object.entries(input).map(([field, value]) => wire(field, source(value)));
        return [plain(id), { text: service_name, paint: name }, faint(wires.join(', '))];
      }),
    ),
  );
}

/** Prints the arrow only if the names of the field and of its source differ. */
const wire = (field: string, from: string): string => (from.endsWith(`.${field}`) ? from : `${field} ← ${from}`);

/** `$task0.total` is the order's total: `task0` is the submitted data. */
const source = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/^\$task0\./, 'order.').replace(/^\$/, '') : JSON.stringify(value);

export const printProgressHeading = (): void => heading('Progress');

const BAR = 10;

export function printUpdate({ service, data, timestamp }: OrchestrationUpdate, sinceMs: number): void {
  const { progress = 0, message = '' } = data as { progress?: number; message?: string };
  const done = Math.round((progress / 100) * BAR);
  const bar = '█'.repeat(done) + dim('░'.repeat(BAR - done));
  const at = `${((Date.parse(timestamp) - sinceMs) / 1000).toFixed(2)} s`;
  say(`    ${dim(at.padStart(7))}  ${name(service.padEnd(17))}  ${bar} ${`${progress}`.padStart(3)} %  ${message}`);
}

export function printInspection(inspection: OrchestrationInspection): void {
  const { id, tasks = [], abortInfo, status: ended } = inspection;
  heading('Inspection', id);
  const header = ['task', 'service', 'status', 'time', 'compensation'].map(faint);
  say(formatTable([header, ...tasks.map(taskRow)]));
  say();
  const facts: [string, string][] = [['orchestration', status(ended)]];
  const failed = tasks.find((task) => task.status === 'failed');
  if (ended === 'completed') facts.push(['result', inline(inspection.results?.[0])]);
  if (abortInfo) facts.push(['aborted by', abortInfo.serviceName], ['abort payload', inline(abortInfo.payload)]);
  if (failed) facts.push(['failed in', failed.serviceName], ['error', failed.error ?? '']);
  const undone = compensated(inspection);
  if (undone.length > 0) facts.push(['compensated', undone.join(', then ')]);
  say(formatTable(facts.map(([what, value]) => [faint(what), plain(value)])));
}

function taskRow(task: TaskInspection): Cell[] {
  const { id, serviceName, isRevertible, compensation, duration } = task;
  const undone = compensation ? `${compensation.status}, attempt ${compensation.attempt}` : '';
  const none = isRevertible ? '-' : 'not revertible';
  return [
    plain(id),
    { text: serviceName, paint: name },
    { text: task.status, paint: (padded) => status(task.status, padded) },
    { text: task.statusHistory ? `${Math.round(duration / 1e6)} ms` : '-', align: 'right' },
    { text: undone || none, paint: undone ? (padded) => status(compensation?.status ?? '', padded) : dim },
  ];
}

/** Formats `{ a: 1, b: 'x' }` as `a 1, b x`. */
const inline = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([member, inner]) => `${member} ${String(inner)}`)
        .join(', ')
    : String(value);

export function printBooks(scenario: Scenario, before: Books, after: Books, shop: Shop): void {
  const { orderId, lines } = scenario;
  const aside = JSON.stringify(after) === JSON.stringify(before) ? 'same as before' : 'changed by this order';
  heading('The shop');
  const deeds = shop.activity.of(orderId).map(({ deed, detail }) => `${deed} ${detail}`);
  say(`    ${dim('what was done')}  ${deeds.join(' → ')}`);
  const rows: [string, string, string][] = [
    ...lines.map(({ productId }): [string, string, string] => [
      `${shop.stock.product(productId).name}, free`,
      String(before.stock[productId] ?? 0),
      String(after.stock[productId] ?? 0),
    ]),
    ['reservations', String(before.openReservations), String(after.openReservations)],
    ['payments held', formatCents(before.balanceCents), formatCents(after.balanceCents)],
  ];
  say(
    formatTable([
      [faint(`books, ${aside}`), { ...faint('before'), align: 'right' }, { ...faint('after'), align: 'right' }],
      ...rows.map(([what, then, now]): Cell[] => [
        plain(what),
        { text: then, align: 'right' },
        { text: now, align: 'right', ...(then === now ? {} : { paint: bold }) },
      ]),
    ]),
  );
}

export interface Ending {
  readonly scenario: Scenario;
  readonly inspection: OrchestrationInspection;
  /** Empty if the order ended as expected. */
  readonly problems: readonly string[];
}

export function printSummary(endings: readonly Ending[], tookMs: number): void {
  const title = 'Summary';
  say(`\n${bold(title)} ${dim('─'.repeat(WIDTH - title.length - 1))}`);
  const header = ['order', 'ended', 'compensated', 'as expected'].map(faint);
  const rows = endings.map(({ scenario, inspection, problems }): Cell[] => [
    plain(scenario.orderId),
    { text: inspection.status, paint: (padded) => status(inspection.status, padded) },
    plain(compensated(inspection).join(', ') || '-'),
    problems.length === 0 ? { text: 'yes', paint: good } : { text: 'NO', paint: bad },
  ]);
  say(formatTable([header, ...rows], '  '));
  for (const { scenario, problems } of endings) {
    for (const problem of problems) say(`  ${bad(scenario.orderId)}  ${problem}`);
  }
  const right = endings.filter(({ problems }) => problems.length === 0).length;
  say(`\n  ${right} of ${endings.length} orders ended as expected, in ${(tookMs / 1000).toFixed(1)} s\n`);
}
