/** A service's WebSocket that keeps what it receives: ACKs apart from the rest, since their order means nothing. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Json } from './recording';

/** Far above anything local: it only ends what would never end. */
const PATIENCE_MS = 5_000;

export class ServiceSocket {
  /** Everything but ACKs, in order of arrival. */
  readonly requests: Json[] = [];
  readonly acknowledged: string[] = [];
  protocolPings = 0;
  private fences = 0;
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly webSocket: WebSocket,
    readonly serviceId: string,
  ) {
    const heard = (): void => {
      const waiting = this.waiting;
      this.waiting = [];
      for (const resolve of waiting) resolve();
    };
    webSocket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString());
      if (message.type === 'ACK') this.acknowledged.push(message.id);
      else this.requests.push(message);
      heard();
    });
    webSocket.on('ping', () => {
      this.protocolPings++;
      heard();
    });
    webSocket.on('error', () => undefined);
    webSocket.on('close', heard);
  }

  static async open(url: string): Promise<ServiceSocket> {
    const webSocket = new WebSocket(url, { perMessageDeflate: false });
    const socket = new ServiceSocket(webSocket, new URL(url).searchParams.get('serviceId') ?? '');
    await once(webSocket, 'open');
    return socket;
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  send(message: Json): void {
    this.webSocket.send(JSON.stringify(message));
  }

  /** Takes the first message that is no ACK, or the ACK with this id, as soon as it is there. */
  async take(what: Json): Promise<Json> {
    if (what.type !== 'ACK') {
      await this.until(() => this.requests.length > 0, `${what.type} ${what.id ?? ''}`);
      return this.requests.shift();
    }
    await this.until(() => this.acknowledged.includes(what.id), `the ACK of ${what.id}`);
    this.acknowledged.splice(this.acknowledged.indexOf(what.id), 1);
    return what;
  }

  /** A WebSocket ping and its answer. */
  async ping(): Promise<void> {
    const answered = once(this.webSocket, 'pong');
    this.webSocket.ping();
    await answered;
  }

  pinged(): Promise<void> {
    return this.until(() => this.protocolPings-- > 0, 'a WebSocket ping');
  }

  /** Resolves when all that was sent over this socket has been handled, and all that followed at once has arrived. */
  async settle(): Promise<void> {
    // The first answer may overtake ACKs that are being committed in the same turn.
    for (let round = 0; round < 2; round++) {
      const id = `fence-${++this.fences}`;
      this.send({ id, payload: { type: 'task_status', serviceId: this.serviceId, status: 'in_progress' } });
      await this.take({ type: 'ACK', id });
    }
  }

  /** As recorded: 1005 is a close frame without a status, 1006 none at all. */
  close(code: number): void {
    if (code === 1006) this.webSocket.terminate();
    else if (code === 1005) this.webSocket.close();
    else this.webSocket.close(code);
  }

  private async until(probe: () => boolean, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`waited in vain for ${what} on ${this.serviceId}`)), PATIENCE_MS);
    });
    try {
      while (!probe()) {
        if (this.webSocket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${what} came`);
        await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), impatient]);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
