/** A real server that webhooks are sent to, and that answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './json';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
}

export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Connections so far. */
  connections = 0;
  /** Answers, in turn; then 200. A function may answer later or never. */
  readonly answers: (number | ((response: ServerResponse) => void))[] = [];
  private readonly waiters: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async listen(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('connection', () => receiver.connections++);
    server.on('request', (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        receiver.received.push({ path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) });
        const answer = receiver.answers.shift() ?? 200;
        if (typeof answer === 'function') answer(response);
        else response.writeHead(answer, { location: '/elsewhere' }).end();
        for (const wake of receiver.waiters.splice(0)) wake();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** Resolves when it has received so many in all. */
  async count(count: number): Promise<readonly ReceivedWebhook[]> {
    while (this.received.length < count) await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.received;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
