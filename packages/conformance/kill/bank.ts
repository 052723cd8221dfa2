/**
 * The ledger outside of the engine and of the services. Handlers reach it over HTTP, so that it holds an effect even if
 * the process that caused it dies before it learns of it. The bank of `stock` recognises idempotency keys, the bank of
 * `card` does not.
 */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

export type BankService = 'stock' | 'card';

export interface Charge {
  readonly id: string;
  readonly service: BankService;
  readonly order: string;
  /** The idempotency key of the task. */
  readonly key: string;
  /** The keys of the reverts that named the charge. */
  readonly refunds: Set<string>;
  /** The keys of the reverts that only had the key of the task. */
  readonly refundsByTaskKey: Set<string>;
}

interface ChargeBody {
  readonly service: BankService;
  readonly order: string;
  readonly key: string;
}
interface RefundBody {
  readonly service: BankService;
  /** Missing in a revert without an output. */
  readonly charge?: string;
  readonly taskKey: string;
  readonly revertKey: string;
}

/** Emits `request` after each entry, before its response is sent. */
export class Bank extends EventEmitter {
  readonly charges: Charge[] = [];
  private readonly server: Server;

  private constructor() {
    super();
    this.server = createServer((request, response) => {
      this.enter(request).then(
        (body) => response.end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  }

  static async open(): Promise<Bank> {
    const bank = new Bank();
    bank.server.listen(0, '127.0.0.1');
    await once(bank.server, 'listening');
    return bank;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Changes with each effect and each refund. */
  get size(): number {
    return this.charges.reduce(
      (sum, { refunds, refundsByTaskKey }) => sum + 1 + refunds.size + refundsByTaskKey.size,
      0,
    );
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async enter(request: IncomingMessage): Promise<object> {
    const body = JSON.parse(await text(request)) as ChargeBody | RefundBody;
    const response = 'revertKey' in body ? this.refund(body) : this.charge(body);
    this.emit('request');
    return response;
  }

  private charge({ service, order, key }: ChargeBody): object {
    const known = service === 'stock' ? this.charges.find((charge) => charge.key === key) : undefined;
    if (known) return { charge: known.id };
    const id = `${service}-${this.charges.length + 1}`;
    this.charges.push({ id, service, order, key, refunds: new Set(), refundsByTaskKey: new Set() });
    return { charge: id };
  }

  /** A repetition under one key is one refund: a process can die before it learns of it. */
  private refund({ charge: id, taskKey, revertKey }: RefundBody): object {
    const charge = this.charges.find((known) => (id === undefined ? known.key === taskKey : known.id === id));
    if (id === undefined) charge?.refundsByTaskKey.add(revertKey);
    else if (charge) charge.refunds.add(revertKey);
    else throw new Error(`there is no charge ${id}`);
    return {};
  }
}
