/**
 * A scripted model for an environment without a language model. It reads only the prompt, as a language model does: it
 * looks for words of the action, and responds with a plan or with the reason that no plan is possible. It responds the
 * same way in every run, needs no API key, and makes one deliberate mistake.
 */
import { type ModelPlan, type ModelScript, modelReply } from '@orra-ts/fakes';

export const scriptedModel: ModelScript = ({ messages }) => {
  // One prompt; then, for each plan that the engine has rejected, that plan and its problems.
  const [prompt, ...rejected] = messages;
  const action = actionOf(prompt?.content ?? '');
  if (/\brefund\b/i.test(action)) {
    if (rejected.length > 0) return modelReply.plan(refundPlan('$task1.category'));
    // The mistake: triage does not have this output. Nothing runs; the engine reports the problem to the model.
    return modelReply.plan(refundPlan('$task1.topic'));
  }
  if (/\bquestion\b/i.test(action)) {
    return modelReply.think('Triage and search need only the ticket; the reply needs both.', replyPlan);
  }
  return modelReply.notActionable('these agents classify, look up, refund and reply; none of them sends technicians', [
    'triage-agent',
    'reply-agent',
  ]);
};

/** Tasks 1 and 2 are independent, so they run concurrently. */
const replyPlan = modelReply.plan({
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

/** Each task needs the result of the previous one. */
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

/** Reads the action from the prompt, where it is a JSON string under a separate heading. */
function actionOf(prompt: string): string {
  const [, json = '""'] = /^# Action\n\n(".*")$/m.exec(prompt) ?? [];
  return JSON.parse(json) as string;
}
