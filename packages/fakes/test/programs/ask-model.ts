import { FakeModel, modelReply } from '@orra-ts/fakes';

export async function askModel(): Promise<void> {
  const model = await FakeModel.start({
    apiKey: 'any-key',
    script: ({ prompt }) =>
      prompt.includes('refund')
        ? modelReply.plan({ tasks: [{ id: 'task1', service: 'payments', input: { orderId: '$task0.orderId' } }] })
        : modelReply.notActionable('no service does that', ['payments']),
  });
  // Queued replies come before the script: status 429 once, then a plan with reasoning and prose around it.
  const talkative = modelReply.prose('Here is the plan:', modelReply.json({ actionable: true, tasks: [] }));
  model.enqueue(modelReply.status(429, { retryAfter: 1 }), modelReply.think('One service is enough.', talkative));

  for (const content of ['refund A-17', 'refund A-17', 'refund A-17', 'sing']) {
    const response = await fetch(`${model.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any-key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any-model', messages: [{ role: 'user', content }] }),
    });
    console.log(response.status, await response.text());
  }
  console.log((await model.received(4)).prompt); // sing
  await model.close();
}
