import { Handler, OrraAgent, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';
import type { Inbox } from '../desk/inbox';
import { TriageInput, TriageOutput } from '../dto/triage';
import { moment } from './moment';

/** The model plans with these descriptions: what an agent does, and what has to run before or after it. */
@OrraAgent({
  name: 'triage-agent',
  description:
    'Classifies a support ticket (category, urgency, language) and moves it from the inbox into the queue of its category. Must run first for every ticket',
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

  /** Returns the ticket to the inbox, where an employee finds it. */
  @RevertHandler('classify', { revertibleFor: '24h' })
  async giveBack({ input }: RevertSource<TriageInput, TriageOutput>): Promise<void> {
    await moment();
    this.inbox.giveBack(input.ticketId);
  }
}
