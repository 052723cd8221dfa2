/** An HTTP proxy that connects every host name to one local server, and records what it reads. */
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyOptions {
  /** Status of every response, instead of forwarding. */
  readonly refuseWith?: number;
  /** Reads requests, and never responds. */
  readonly silent?: boolean;
}

export class HttpProxy {
  /** Request lines, such as `CONNECT engine.test:80` or `GET http://engine.test/health`. */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** All bytes that the proxy could read. */
  text = '';
  private readonly sockets = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly options: ProxyOptions,
  ) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => (this.text += data.toString('latin1')));
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => this.forward(incoming, response));
    server.on('connect', (incoming: IncomingMessage, socket: Duplex) => this.tunnel(incoming, socket));
  }

  /** @param target port of the local server */
  static async start(target: number, options: ProxyOptions = {}): Promise<HttpProxy> {
    const server = createServer();
    const proxy = new HttpProxy(server, target, options);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private record({ method, url, headers }: IncomingMessage): void {
    this.requests.push(`${method} ${url}`);
    this.authorizations.push(headers['proxy-authorization']);
  }

  private forward(incoming: IncomingMessage, response: ServerResponse): void {
    this.record(incoming);
    const { refuseWith, silent } = this.options;
    if (silent) return;
    if (refuseWith) return void response.writeHead(refuseWith, { 'content-type': 'text/html' }).end('<p>no</p>');
    const { pathname, search } = new URL(incoming.url ?? '');
    const { method, headers } = incoming;
    const onward = request({ port: this.target, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  }

  private tunnel(incoming: IncomingMessage, socket: Duplex): void {
    this.record(incoming);
    const { refuseWith, silent } = this.options;
    // A socket that nobody reads does not notice its end.
    if (silent) return void socket.resume().on('end', () => socket.end());
    if (refuseWith) return void socket.end(`HTTP/1.1 ${refuseWith} No\r\ncontent-type: text/html\r\n\r\n<p>no</p>`);
    const onward = connect(this.target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    this.sockets.add(onward);
    onward.on('error', () => socket.destroy());
    onward.on('close', () => this.sockets.delete(onward));
  }
}
