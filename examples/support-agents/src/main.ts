/**
 * A support desk with four independent agents. A model reads their descriptions and plans which agents handle a ticket,
 * and in which order. Of the four tickets, one is answered, one is refunded, one is aborted and compensated, and one is not
 * actionable. The exit code is 0 only if all four end as expected.
 *
 * LLM_API_KEY, LLM_API_BASE_URL and LLM_MODEL select the model. Without them, a scripted model plans.
 */
import 'reflect-metadata';
import { embeddedEngine } from '@orra-ts/engine';
import { type OrchestrationInspection, type OrraApplication, type OrraClient, OrraFactory } from '@orra-ts/sdk';
import { KnowledgeAgent } from './agents/knowledge-agent';
import { RefundAgent } from './agents/refund-agent';
import { ReplyAgent } from './agents/reply-agent';
import { TriageAgent } from './agents/triage-agent';
import { Desk } from './desk/desk';
import { startPlanningModel } from './planning-model';
import * as print from './present/print';
import { type Scenario, problemsOf, scenarios } from './tickets';

/** Ends a demo that hangs with an error. */
const LIMIT_MS = 60_000;

async function main(): Promise<void> {
  const startedAt = Date.now();
  const model = await startPlanningModel();
  try {
    const desk = new Desk();
    const app = await OrraFactory.create({
      services: [
        { class: TriageAgent, useFactory: () => new TriageAgent(desk.inbox) },
        { class: KnowledgeAgent, useFactory: () => new KnowledgeAgent(desk.library) },
        { class: RefundAgent, useFactory: () => new RefundAgent(desk.refunds) },
        { class: ReplyAgent, useFactory: () => new ReplyAgent(desk.outbox) },
      ],
      engine: embeddedEngine({ storage: ':memory:', model: model.options }),
      // The demo leaves no files. An application keeps its journal in a folder.
      journal: { kind: 'memory' },
      startTimeout: '30s',
      shutdownHooks: true,
    });
    try {
      await app.start();
      print.printWelcome(
        model,
        app.health().services.map(({ name }) => name),
      );
      const endings: print.Ending[] = [];
      for (const scenario of scenarios) endings.push(await run(app, desk, scenario, endings.length + 1));
      print.printSummary(endings, Date.now() - startedAt);
      if (endings.every(({ problems }) => problems.length === 0)) process.exitCode = 0;
    } finally {
      await app.close();
    }
  } finally {
    await model.close();
  }
}

async function run(app: OrraApplication, desk: Desk, scenario: Scenario, number: number): Promise<print.Ending> {
  const { ticketId } = scenario.ticket;
  print.printTicket(number, scenario);
  const inspection = await workOn(app, scenario);
  print.printResult(inspection, desk.activity.of(ticketId));
  return { scenario, inspection, problems: problemsOf(scenario, inspection, desk.activity) };
}

/** Resolves after the orchestration has ended and its compensations are done. */
async function workOn({ orra }: OrraApplication, { action, ticket }: Scenario): Promise<OrchestrationInspection> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const submittedAt = Date.now();
  const order = await orra.action(action).with(ticket).submit().catch(toError);
  if (order instanceof Error) {
    const refused = await refusedSince(orra, submittedAt);
    if (!refused) throw order;
    print.printPlanning(refused);
    return refused;
  }
  print.printPlanning(order.submitted);
  print.printPlan(order.submitted);
  print.printProgressHeading();
  for await (const update of order.updates({ signal })) print.printUpdate(update, submittedAt);
  return order.settled({ signal });
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** `submit()` throws if an action cannot be planned. The engine keeps the record, with the reason. */
async function refusedSince(orra: OrraClient, sinceMs: number): Promise<OrchestrationInspection | undefined> {
  const { notActionable = [], failed = [] } = await orra.orchestrations.list();
  const refused = [...notActionable, ...failed].find(({ timestamp }) => Date.parse(timestamp) >= sinceMs);
  return refused && orra.orchestrations.inspect(refused.id);
}

// Hide log lines, so that the output is easy to read. ORRA_LOG_LEVEL=info shows them.
process.env['ORRA_LOG_LEVEL'] ??= 'silent';
// The reader of the pipe may close it early, such as `head`.
process.stdout.once('error', () => process.exit());
// Overwritten after success. A signal that ends the process early must not look like success.
process.exitCode = 1;
main().catch((error: unknown) => console.error(error));
