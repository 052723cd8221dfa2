/** The support desk, in memory, with the data of `data/*.json`. It does not depend on Orra. */
import { Activity } from './activity';
import { Inbox } from './inbox';
import { Library } from './library';
import { Outbox } from './outbox';
import { Refunds } from './refunds';

/** An employee decides about refunds above this limit. */
const REFUND_LIMIT_CENTS = 20_000;

export class Desk {
  readonly activity = new Activity();
  readonly inbox = new Inbox(this.activity);
  readonly library = new Library();
  readonly refunds = new Refunds(REFUND_LIMIT_CENTS, this.activity);
  readonly outbox = new Outbox(this.library, this.refunds, this.activity);
}
