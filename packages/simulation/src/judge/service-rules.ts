/** Rules about what services send: X2, X4, X5, X6. */
import type { ProcessScope } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { Connection } from '../system/connection';
import { MAX_MESSAGE_BYTES } from '../system/engine-process';
import type { ServiceProcess } from '../system/service-process';
import type { Report } from './rules';
import type { Envelope, WireMessage } from './wire-message';

/** For this long an outcome waits for the ACK of an update: the SDK gives it up after 5 s. */
const UPDATE_WAIT_MS = 4_900;
/** Longest time between two attempts to send an outcome: the SDK doubles 5 s up to 40 s, and looks every 5 s. */
const RESEND_MS = 40_000 + 5_000;
const SLACK_MS = 1_000;

interface SentOutcome {
  readonly replica: string;
  readonly key: string;
  readonly what: string;
  /** Not repeated any more once the next attempt has begun. */
  readonly isRetryable: boolean;
}

export class ServiceRules {
  /** By replica and wrapper id. */
  private readonly unacknowledged = new Map<string, SentOutcome>();
  /** Keys whose outcome the engine has acknowledged, each with its replica. */
  private readonly acknowledged = new Set<string>();
  /** Replicas that sent a success or an abort of a key. */
  private readonly decided = new Set<string>();
  private readonly updates = new Map<
    string,
    { readonly key: string; readonly scope: ProcessScope; readonly atMs: number }
  >();
  /** By process: the requests of each key, newest last. */
  private readonly requests = new WeakMap<ProcessScope, Map<string, string[]>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly replica: (name: string) => ServiceProcess | undefined,
    private readonly report: Report,
  ) {}

  sent(connection: Connection, { id, payload }: Envelope, text: string): void {
    const { link, service } = connection;
    const { type, idempotencyKey: key = '' } = payload;
    if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) {
      this.report('X6', `${link.replica} sends ${Buffer.byteLength(text)} bytes, the limit is ${MAX_MESSAGE_BYTES}`);
    }
    if (id === 'forged') return;
    const message = `${link.replica} ${id}`;
    if (type === 'task_interim_result') this.updates.set(message, { key, scope: service, atMs: this.scheduler.nowMs });
    if (type !== 'task_result' && type !== 'task_abort_result') return;
    this.isStored(link.replica, key, text);
    this.afterUpdates(service, link.replica, key);
    this.isNewest(service, link.replica, payload);
    const isFailure = payload.error != null;
    if (!isFailure) this.decided.add(`${link.replica} ${key}`);
    const isRetryable = isFailure && payload.failure?.retryable !== false;
    const outcome = { replica: link.replica, key, isRetryable, what: `${type} ${payload.executionId ?? ''}` };
    this.unacknowledged.set(message, outcome);
    // In two steps: after a freeze, everything that was due runs at once.
    const check = (): void => this.isSentAgain(connection, message, outcome);
    service.schedule(RESEND_MS, () => void service.schedule(SLACK_MS, check));
  }

  /** A message of the engine arrives at a service. */
  arrived(
    { link, service }: Connection,
    { type, id = '', idempotencyKey: key = '', executionId = '' }: WireMessage,
  ): void {
    if (type === 'ACK') {
      const message = `${link.replica} ${id}`;
      const outcome = this.unacknowledged.get(message);
      if (outcome) this.acknowledged.add(`${outcome.replica} ${outcome.key}`);
      this.unacknowledged.delete(message);
      this.updates.delete(message);
      return;
    }
    if (type !== 'task_request') return;
    const own = this.requests.get(service) ?? new Map<string, string[]>();
    this.requests.set(service, own);
    own.set(key, [...(own.get(key) ?? []), executionId]);
  }

  /** Whether a replica has sent a success or an abort of this key. */
  hasDecided(replica: string, key: string): boolean {
    return this.decided.has(`${replica} ${key}`);
  }

  /** X4, at rest: nothing that was sent is without an ACK. */
  checkAtRest(): void {
    for (const { replica, key, what, isRetryable } of this.unacknowledged.values()) {
      if (isRetryable || this.acknowledged.has(`${replica} ${key}`) || this.replica(replica)?.isGone !== false)
        continue;
      this.report('X4', `${what} of ${replica} was never acknowledged`);
    }
  }

  /** X2: the disk has it. */
  private isStored(replica: string, key: string, text: string): void {
    const bodies = this.replica(replica)?.storedOutcomes(key) ?? [];
    // A repeated failure does not state its effect to a request in doubt (E10).
    const stated = text.replace(',"effect":"unknown"', '');
    if (!bodies.some((body) => text.includes(body) || stated.includes(body)))
      this.report('X2', `${replica} sends an outcome that its disk does not have: ${key}`);
  }

  /** X4: regardless of the wall clock. */
  private isSentAgain({ link, serviceOpen }: Connection, message: string, outcome: SentOutcome): void {
    if (!serviceOpen || outcome.isRetryable || this.unacknowledged.get(message) !== outcome) return;
    this.report('X4', `${outcome.what} of ${link.replica} is not sent again, although it is not acknowledged`);
  }

  /** X5: its updates are acknowledged, or were waited for. */
  private afterUpdates(scope: ProcessScope, replica: string, key: string): void {
    for (const update of this.updates.values()) {
      if (update.key !== key || update.scope !== scope) continue;
      if (this.scheduler.nowMs - update.atMs < UPDATE_WAIT_MS) {
        this.report('X5', `${replica} sends an outcome before its updates are acknowledged`);
      }
    }
  }

  /** X4: a failure names the newest attempt that its process knows. */
  private isNewest(
    scope: ProcessScope,
    replica: string,
    { error, executionId = '', idempotencyKey = '' }: WireMessage,
  ): void {
    if (error == null) return;
    const known = this.requests.get(scope)?.get(idempotencyKey) ?? [];
    if (known.includes(executionId) && known.at(-1) !== executionId) {
      this.report('X4', `${replica} sends a failure of an earlier attempt after the next one began`);
    }
  }
}
