/** The four tickets, their actions and expected outcomes, and the check of the outcomes, which any plan can pass. */
import type { OrchestrationInspection } from '@orra-ts/sdk';
import { readData } from './desk/data';
import type { Activity, Deed } from './desk/activity';

/** The data that is submitted. The model sees the names and types of these fields, but not their values. */
export interface Ticket {
  readonly ticketId: string;
  readonly customerName: string;
  readonly message: string;
  readonly orderId?: string;
  readonly amountCents?: number;
}

export interface Scenario {
  readonly ticket: Ticket;
  /** The text of the action, which the model sees. */
  readonly action: string;
  readonly story: string;
  readonly expected: {
    readonly status: OrchestrationInspection['status'];
    /** Changes at the desk, in order. */
    readonly deeds: readonly Deed[];
  };
}

const REFUND = 'Refund what the customer has paid for the order, and answer the ticket';

const intentions: readonly Omit<Scenario, 'ticket'>[] = [
  {
    action: "Answer the customer's question from the help articles",
    story: 'triage and search run concurrently, and the reply uses both results',
    expected: { status: 'completed', deeds: ['assigned', 'answered'] },
  },
  {
    action: REFUND,
    story: 'below the limit: the refund is reserved, and the customer gets a reply',
    expected: { status: 'completed', deeds: ['assigned', 'refund reserved', 'answered'] },
  },
  {
    action: REFUND,
    story: 'above the limit: aborted, and the ticket is back in the inbox for an employee',
    expected: { status: 'aborted', deeds: ['assigned', 'returned'] },
  },
  {
    action: "Send a technician to the customer's home on Friday",
    story: 'no agent can do that: not actionable',
    expected: { status: 'not_actionable', deeds: [] },
  },
];

const tickets = readData<readonly Ticket[]>('tickets');

export const scenarios: readonly Scenario[] = tickets.flatMap((ticket, index) => {
  const intention = intentions[index];
  return intention ? [{ ticket, ...intention }] : [];
});

/** One line for each difference from the expected outcome. */
export function problemsOf(
  { ticket, expected }: Scenario,
  { status }: OrchestrationInspection,
  activity: Activity,
): readonly string[] {
  const deeds = activity.of(ticket.ticketId).map(({ deed }) => deed);
  return [
    ...(status === expected.status ? [] : [`${status} instead of ${expected.status}`]),
    ...(deeds.join() === expected.deeds.join()
      ? []
      : [`at the desk: ${deeds.join(', ') || 'nothing'} instead of ${expected.deeds.join(', ') || 'nothing'}`]),
  ];
}
