/** A TCP proxy whose connections a test can cut. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class CuttableProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private readonly server: Server;

  private constructor(port: number) {
    this.server = createServer((socket) => {
      if (this.isCut) return socket.destroy();
      const upstream = connect(port, '127.0.0.1');
      for (const [end, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        this.sockets.add(end);
        end.on('error', () => other.destroy());
        end.on('close', () => {
          this.sockets.delete(end);
          other.destroy();
        });
        end.pipe(other);
      }
    });
  }

  static async open(port: number): Promise<CuttableProxy> {
    const proxy = new CuttableProxy(port);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends all connections and accepts no others until `restore`. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  restore(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
