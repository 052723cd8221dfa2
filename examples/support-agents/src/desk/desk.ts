/** The support desk: in memory, filled from `data/*.json`. It knows nothing of orchestrations, plans or models. */
import { Activity } from './activity';
import { Inbox } from './inbox';
import { Library } from './library';
import { Outbox } from './outbox';
import { Refunds } from './refunds';

/** Above it a person decides. */
const REFUND_LIMIT_CENTS = 20_000;

export class Desk {
  readonly activity = new Activity();
  readonly inbox = new Inbox(this.activity);
  readonly library = new Library();
  readonly refunds = new Refunds(REFUND_LIMIT_CENTS, this.activity);
  readonly outbox = new Outbox(this.library, this.refunds, this.activity);
}
