/**
 * A support desk whose four agents know nothing of each other: what they do about a ticket, and in which order, is planned
 * by a model from their descriptions. Four tickets: one is answered, one refunded, one called off and undone, and one that
 * these agents cannot help with. Ends with code 0 only if all four ended as they should.
 *
 * The model is the one of LLM_API_KEY, LLM_API_BASE_URL and LLM_MODEL; without them a scripted one stands for it.
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

/** A demo that hangs should say so. */
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
      // Nothing of the demo outlives it; an application keeps its journal in a folder.
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

/** Resolves when it has ended and what had to be undone is undone. */
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

/** That an action cannot be planned is an error of `submit()`; the engine keeps the whole record of it. */
async function refusedSince(orra: OrraClient, sinceMs: number): Promise<OrchestrationInspection | undefined> {
  const { notActionable = [], failed = [] } = await orra.orchestrations.list();
  const refused = [...notActionable, ...failed].find(({ timestamp }) => Date.parse(timestamp) >= sinceMs);
  return refused && orra.orchestrations.inspect(refused.id);
}

// What is printed says enough; ORRA_LOG_LEVEL=info shows what goes on underneath.
process.env['ORRA_LOG_LEVEL'] ??= 'silent';
// Who reads may have seen enough.
process.stdout.once('error', () => process.exit());
// Until everything has turned out well; a signal that ends the process early must not look like success.
process.exitCode = 1;
main().catch((error: unknown) => console.error(error));
