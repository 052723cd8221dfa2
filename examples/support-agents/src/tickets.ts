/** The four tickets, what is to be done about them, and the check that it came out as it should, whatever the plan was. */
import type { OrchestrationInspection } from '@orra-ts/sdk';
import { readData } from './desk/data';
import type { Activity, Deed } from './desk/activity';

/** What is submitted. A model that plans sees the names and types of these fields, never what they hold. */
export interface Ticket {
  readonly ticketId: string;
  readonly customerName: string;
  readonly message: string;
  readonly orderId?: string;
  readonly amountCents?: number;
}

export interface Scenario {
  readonly ticket: Ticket;
  /** In the desk's words: this the model sees. */
  readonly action: string;
  readonly story: string;
  readonly expected: {
    readonly status: OrchestrationInspection['status'];
    /** What happens at the desk. */
    readonly deeds: readonly Deed[];
  };
}

const REFUND = 'Refund what the customer has paid for the order, and answer the ticket';

const intentions: readonly Omit<Scenario, 'ticket'>[] = [
  {
    action: "Answer the customer's question from the help articles",
    story: 'triage and search run side by side, and the answer has what both found',
    expected: { status: 'completed', deeds: ['assigned', 'answered'] },
  },
  {
    action: REFUND,
    story: 'below the limit: the refund is reserved, and the customer told',
    expected: { status: 'completed', deeds: ['assigned', 'refund reserved', 'answered'] },
  },
  {
    action: REFUND,
    story: 'above the limit: called off, and the ticket is back in the inbox for a person',
    expected: { status: 'aborted', deeds: ['assigned', 'given back'] },
  },
  {
    action: "Send a technician to the customer's home on Friday",
    story: 'no agent can do that, which is an answer too',
    expected: { status: 'not_actionable', deeds: [] },
  },
];

const tickets = readData<readonly Ticket[]>('tickets');

export const scenarios: readonly Scenario[] = tickets.flatMap((ticket, index) => {
  const intention = intentions[index];
  return intention ? [{ ticket, ...intention }] : [];
});

/** One line for each thing that is not as it should be. */
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
