/** One WebSocket between a replica and the engine: the SDK's `EngineSocket` at one end, the session's socket at the other. */
import type { SessionStream, SessionWebSocket } from '@orra-ts/engine/internal';
import type { EngineSocket } from '@orra-ts/sdk/internal';
import type { ProcessScope } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { Direction } from '../spec/world-spec';
import { Pipe, type Link } from './link';

const OPEN = 1;
const CLOSED = 3;
const ABNORMAL_CLOSURE = 1_006;

export interface ConnectionListener {
  sent(connection: Connection, direction: Direction, text: string): void;
  /** Called before the receiver gets it. */
  arrived(connection: Connection, direction: Direction, text: string): void;
  ended(connection: Connection, end: 'engine' | 'service', code: number): void;
}

interface SessionListeners {
  message: ((data: Buffer, isBinary: boolean) => void) | undefined;
  close: ((code: number) => void) | undefined;
  pong: (() => void) | undefined;
}

export class Connection {
  serviceOpen = true;
  engineOpen = true;
  private readonly toEngine: Pipe;
  private readonly toService: Pipe;
  private onMessage: ((text: string) => void) | undefined;
  private onClose: ((code: number) => void) | undefined;
  /** Messages that arrived before the service listened. */
  private readonly early: string[] = [];
  private readonly session: SessionListeners = { message: undefined, close: undefined, pong: undefined };
  private readonly roundTrips = new Set<() => void>();

  constructor(
    readonly link: Link,
    readonly service: ProcessScope,
    readonly engine: ProcessScope,
    scheduler: Scheduler,
    private readonly listener: ConnectionListener,
  ) {
    this.toEngine = new Pipe(link, 'to-engine', scheduler, engine);
    this.toService = new Pipe(link, 'to-service', scheduler, service);
  }

  /** Both ends believe that it is open. */
  get isOpen(): boolean {
    return this.serviceOpen && this.engineOpen;
  }

  /** The engine that accepted it runs, and believes that it is open. */
  get isOpenAtEngine(): boolean {
    return this.engineOpen && this.engine.alive;
  }

  readonly engineSocket: EngineSocket = {
    listen: (onMessage, onClose) => {
      this.onMessage = onMessage;
      this.onClose = onClose;
      for (const text of this.early.splice(0)) this.receiveAtService(text);
      if (!this.serviceOpen) this.service.schedule(0, () => onClose(ABNORMAL_CLOSURE));
    },
    send: (text) => {
      if (!this.serviceOpen || !this.service.alive) return;
      this.listener.sent(this, 'to-engine', text);
      this.toEngine.message(() => {
        if (!this.engineOpen) return;
        this.listener.arrived(this, 'to-engine', text);
        this.session.message?.(Buffer.from(text), false);
      });
    },
    roundTrip: () =>
      new Promise((resolve) => {
        this.roundTrips.add(resolve);
        this.toEngine.signal(() => this.toService.signal(() => this.endRoundTrip(resolve)));
      }),
    close: (code) => this.closeFromService(code),
    terminate: () => this.closeFromService(ABNORMAL_CLOSURE),
  };

  readonly webSocket: SessionWebSocket = this.createWebSocket();

  readonly stream: SessionStream = { cork: () => undefined, uncork: () => undefined, once: () => undefined };

  /** Calls back for each protocol pong. */
  onPong(listener: () => void): void {
    this.session.pong = listener;
  }

  /** Both ends see their connection close. */
  cut(): void {
    this.endEngine(ABNORMAL_CLOSURE, 0);
    this.endService(ABNORMAL_CLOSURE, 0);
  }

  /** The process at one end is dead: its system closes the connection, or, if the machine is dead, nobody does for long. */
  lost(end: 'engine' | 'service', silentMs: number): void {
    if (end === 'engine') {
      this.engineOpen = false;
      this.toService.signal(() => this.endService(ABNORMAL_CLOSURE, 0), silentMs);
    } else {
      this.serviceOpen = false;
      this.toEngine.signal(() => this.endEngine(ABNORMAL_CLOSURE, 0), silentMs);
    }
  }

  /** The response to the upgrade comes before every message. */
  private receiveAtService(text: string): void {
    if (!this.onMessage) return void this.early.push(text);
    this.listener.arrived(this, 'to-service', text);
    this.onMessage(text);
  }

  private createWebSocket(): SessionWebSocket {
    const readyState = (): number => (this.engineOpen ? OPEN : CLOSED);
    const on = (event: 'message' | 'error' | 'close', listener: unknown): void => {
      if (event !== 'error') this.session[event] = listener as never;
    };
    return {
      get readyState() {
        return readyState();
      },
      bufferedAmount: 0,
      on,
      send: (text) => {
        if (!this.engineOpen || !this.engine.alive) return;
        this.listener.sent(this, 'to-service', text);
        this.toService.message(() => {
          if (this.serviceOpen) this.receiveAtService(text);
        });
      },
      // The client's WebSocket responds by itself.
      ping: () => this.toService.signal(() => this.toEngine.signal(() => this.engineOpen && this.session.pong?.())),
      close: (code = 1_005) => this.closeFromEngine(code),
      terminate: () => this.closeFromEngine(ABNORMAL_CLOSURE),
      pause: () => undefined,
      resume: () => undefined,
    };
  }

  private closeFromService(code: number): void {
    if (!this.serviceOpen) return;
    this.toEngine.signal(() => this.endEngine(code, 0));
    this.endService(code, 1);
  }

  private closeFromEngine(code: number): void {
    if (!this.engineOpen) return;
    this.toService.signal(() => this.endService(code, 0));
    this.endEngine(code, 1);
  }

  private endEngine(code: number, afterMs: number): void {
    if (!this.engineOpen) return;
    this.engineOpen = false;
    this.listener.ended(this, 'engine', code);
    this.engine.schedule(afterMs, () => this.session.close?.(code));
  }

  private endService(code: number, afterMs: number): void {
    if (!this.serviceOpen) return;
    this.serviceOpen = false;
    this.listener.ended(this, 'service', code);
    this.service.schedule(afterMs, () => this.onClose?.(code));
    for (const resolve of this.roundTrips) this.endRoundTrip(resolve);
  }

  private endRoundTrip(resolve: () => void): void {
    if (this.roundTrips.delete(resolve)) resolve();
  }
}
