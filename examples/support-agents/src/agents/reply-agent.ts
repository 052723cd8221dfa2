import { Handler, OrraAgent, type Task } from '@orra-ts/sdk';
import type { Outbox } from '../desk/outbox';
import { ReplyInput, ReplyOutput } from '../dto/reply';
import { moment } from './moment';

@OrraAgent({
  name: 'reply-agent',
  description:
    'Writes the reply to the customer from the results of other agents, and sends it. A sent reply cannot be undone: must run last',
})
export class ReplyAgent {
  constructor(private readonly outbox: Outbox) {}

  @Handler({ input: ReplyInput, output: ReplyOutput, timeout: '1m' })
  async reply(task: Task<ReplyInput>): Promise<ReplyOutput> {
    await task.pushUpdate({ progress: 50, status: 'writing', message: `Writing to ${task.input.customerName}` });
    await moment(task.signal);
    const text = this.outbox.compose(task.input);
    this.outbox.send(task.input.ticketId, text);
    await task.pushUpdate({ progress: 100, status: 'sent', message: `${text.split(' ').length} words` });
    return { text };
  }
}
