import { Handler, OrraAgent, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';
import type { Inbox } from '../desk/inbox';
import { TriageInput, TriageOutput } from '../dto/triage';
import { moment } from './moment';

/** Plans are made from these texts: they say what the agent is good for, and what has to come before or after it. */
@OrraAgent({
  name: 'triage-agent',
  description:
    'Classifies a support ticket (category, urgency, language) and moves it from the inbox into the queue of its category. Comes first for every ticket that is worked on',
})
export class TriageAgent {
  constructor(private readonly inbox: Inbox) {}

  @Handler({ input: TriageInput, output: TriageOutput, timeout: '1m' })
  async classify(task: Task<TriageInput>): Promise<TriageOutput> {
    const { ticketId, message } = task.input;
    await task.pushUpdate({ progress: 30, status: 'reading', message: 'Reading the ticket' });
    await moment(task.signal);
    const triage = this.inbox.classify(message);
    const { category, urgency, language } = triage;
    this.inbox.assign(ticketId, category);
    await task.pushUpdate({ progress: 100, status: 'assigned', message: `${category}, ${urgency}, in ${language}` });
    return triage;
  }

  /** Whoever looks after the inbox finds it there again. */
  @RevertHandler('classify', { revertibleFor: '24h' })
  async giveBack({ input }: RevertSource<TriageInput, TriageOutput>): Promise<void> {
    await moment();
    this.inbox.giveBack(input.ticketId);
  }
}
