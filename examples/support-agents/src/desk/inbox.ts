/** The inbox, the queues, and the rules that classify tickets. */
import { type Category, LANGUAGES, type Language, type TriageOutput, type Urgency } from '../dto/triage';
import type { Activity } from './activity';
import { readData, wordsInCommon } from './data';
import { phrases } from './phrases';

interface Topic {
  readonly category: Category;
  readonly urgency: Urgency;
  readonly words: readonly string[];
}

export class Inbox {
  private readonly topics = readData<readonly Topic[]>('topics');
  /** By ticket id. A ticket without a queue is in the inbox. */
  private readonly queues = new Map<string, Category>();

  constructor(private readonly activity: Activity) {}

  classify(message: string): TriageOutput {
    const topic = this.topics.find(({ words }) => wordsInCommon(message, words) > 0);
    return {
      category: topic?.category ?? 'other',
      urgency: topic?.urgency ?? 'normal',
      language: languageOf(message),
    };
  }

  /** Moves a ticket into a queue; a second call has no effect. */
  assign(ticketId: string, category: Category): void {
    if (this.queues.get(ticketId) === category) return;
    this.queues.set(ticketId, category);
    this.activity.add(ticketId, 'assigned', `to ${category}`);
  }

  /** Moves a ticket back to the inbox; a second call has no effect. */
  giveBack(ticketId: string): void {
    if (this.queues.delete(ticketId)) this.activity.add(ticketId, 'returned', 'to the inbox');
  }
}

const languageOf = (message: string): Language =>
  LANGUAGES.reduce((best, language) => (signs(message, language) > signs(message, best) ? language : best));

const signs = (message: string, language: Language): number => wordsInCommon(message, phrases[language].signs);
