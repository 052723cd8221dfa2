/**
 * Stands for a language model where the environment names none. Like one, it knows nothing but the prompt: it looks for
 * words of the action in it and answers with a plan of the agents that stand there, or why there can be none. Unlike one,
 * it says the same in every run, needs no key and makes its one mistake on purpose.
 */
import { type ModelPlan, type ModelScript, modelReply } from '@orra-ts/fakes';

export const scriptedModel: ModelScript = ({ messages }) => {
  // One question; then, for each answer that the engine has refused, that answer and what is wrong with it.
  const [question, ...refused] = messages;
  const action = actionOf(question?.content ?? '');
  if (/\brefund\b/i.test(action)) {
    if (refused.length > 0) return modelReply.plan(refundPlan('$task1.category'));
    // The mistake: triage has no such output. Nothing runs; the engine tells what there is, and asks again.
    return modelReply.plan(refundPlan('$task1.topic'));
  }
  if (/\bquestion\b/i.test(action)) {
    return modelReply.think('Triage and search need the ticket alone, the answer needs both.', answerPlan);
  }
  return modelReply.notActionable('these agents classify, look up, refund and answer; none of them does that', [
    'triage-agent',
    'reply-agent',
  ]);
};

/** Tasks 1 and 2 need nothing of each other: they run at the same time. */
const answerPlan = modelReply.plan({
  tasks: [
    { id: 'task1', service: 'triage-agent', input: { ticketId: '$task0.ticketId', message: '$task0.message' } },
    { id: 'task2', service: 'knowledge-agent', input: { question: '$task0.message' } },
    {
      id: 'task3',
      service: 'reply-agent',
      input: {
        ticketId: '$task0.ticketId',
        customerName: '$task0.customerName',
        language: '$task1.language',
        articleId: '$task2.articleId',
      },
    },
  ],
});

/** Each task needs the one before. */
const refundPlan = (reason: string): ModelPlan => ({
  tasks: [
    { id: 'task1', service: 'triage-agent', input: { ticketId: '$task0.ticketId', message: '$task0.message' } },
    {
      id: 'task2',
      service: 'refund-agent',
      input: {
        ticketId: '$task0.ticketId',
        orderId: '$task0.orderId',
        amountCents: '$task0.amountCents',
        reason,
      },
    },
    {
      id: 'task3',
      service: 'reply-agent',
      input: {
        ticketId: '$task0.ticketId',
        customerName: '$task0.customerName',
        language: '$task1.language',
        refundId: '$task2.refundId',
      },
    },
  ],
});

/** The prompt holds it under a heading of its own, as a JSON text. */
function actionOf(prompt: string): string {
  const [, json = '""'] = /^# Action\n\n(".*")$/m.exec(prompt) ?? [];
  return JSON.parse(json) as string;
}
