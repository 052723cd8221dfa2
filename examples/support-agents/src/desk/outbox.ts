/** Composes and sends the replies to customers. */
import type { ReplyInput } from '../dto/reply';
import type { Activity } from './activity';
import type { Library } from './library';
import { formatCents } from './money';
import { phrases } from './phrases';
import type { Refunds } from './refunds';

export class Outbox {
  private readonly sent = new Map<string, string>();

  constructor(
    private readonly library: Library,
    private readonly refunds: Refunds,
    private readonly activity: Activity,
  ) {}

  /** @throws Error if the article or the refund does not exist */
  compose({ customerName, language, articleId, refundId }: ReplyInput): string {
    const { greeting, refund, closing } = phrases[language];
    const parts = [greeting.replace('{name}', customerName)];
    if (articleId !== undefined) {
      const article = this.library.get(articleId);
      if (!article) throw new Error(`Article ${articleId} does not exist`);
      parts.push(article.text[language]);
    }
    if (refundId !== undefined) {
      const reserved = this.refunds.get(refundId);
      if (!reserved) throw new Error(`Refund ${refundId} does not exist`);
      parts.push(refund.replace('{refund}', formatCents(reserved.amountCents)));
    }
    return [...parts, closing].join(' ');
  }

  /** Sends one reply per ticket; a second call has no effect. */
  send(ticketId: string, text: string): void {
    if (this.sent.has(ticketId)) return;
    this.sent.set(ticketId, text);
    this.activity.add(ticketId, 'answered', `in ${text.length} characters`);
  }
}
