/** The engine: its core and its sessions, started as often as it crashes, on a store that survives. */
import { describeThrown, silentLogger } from '@orra-ts/common';
import {
  DEFAULT_TIMINGS,
  EngineCore,
  Heartbeat,
  ServiceSession,
  SqliteCatalog,
  SqliteJournal,
  openDatabase,
  type SqlDatabase,
} from '@orra-ts/engine/internal';
import type { ServiceKind, ServiceRegistered, ServiceRegistration } from '@orra-ts/protocol';
import type { SeededRandom } from '@orra-ts/common/testing';
import { ProcessScope, type WallClock } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import type { Connection } from './connection';
import { journalPort, type AppendFaults, type Appends } from './journal-port';

export interface EngineProcessOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: Trace;
  /** The engine hands over events, which it has decided. Once more if it tries again. */
  onAppend(appends: Appends): void;
  onCommitted(appends: Appends): void;
  /** The engine stops because of its journal, which has refused so many appends in a row. */
  onGaveUp(refusals: number): void;
}

type Project = Awaited<ReturnType<EngineCore['projects']['register']>>['project'];

/** Announced to services: small, so that outputs can exceed it (X6). */
export const MAX_MESSAGE_BYTES = 20_000;
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
/** A process that ended by itself is started again after this long. */
const RESTART_MS = 1_000;
/** Longest time until the peers of a machine without power see their connections close. */
const MAX_DEAD_PEER_MS = 120_000;

export class EngineProcess {
  readonly wall: WallClock = { offsetMs: 0 };
  readonly appendFaults: AppendFaults = { refuse: 0, slowMs: 0, crash: undefined, refused: 0 };
  /** How long the engine stays down after `crash-append`. */
  downMs = RESTART_MS;
  scope: ProcessScope;
  /** When the newest run started. */
  startedAt = { atMs: 0 };
  /** When each run started. */
  readonly startsMs: number[] = [];
  /** Undefined while the engine is down. */
  core: EngineCore | undefined;
  private heartbeat: Heartbeat | undefined;
  private readonly database: SqlDatabase = openDatabase({ storage: ':memory:' });
  private readonly connections = new Set<Connection>();
  private readonly serviceIds = new Map<string, string>();
  private project: Project | undefined;
  private starts = 0;

  constructor(private readonly options: EngineProcessOptions) {
    this.scope = this.createScope();
  }

  async start(): Promise<void> {
    const { random, trace } = this.options;
    const scope = (this.scope = this.createScope());
    this.startedAt = { atMs: this.options.scheduler.nowMs };
    this.startsMs.push(this.startedAt.atMs);
    const ids = random.fork(`ids ${++this.starts}`);
    trace.add('engine', 'starts', `(${this.starts})`);
    const core = await EngineCore.start({
      journal: this.openJournal(scope, random.fork(`disk ${this.starts}`)),
      catalog: new SqliteCatalog(this.database),
      timings: DEFAULT_TIMINGS,
      logger: silentLogger,
      clock: scope.clock,
      randomBytes: ids.bytes,
      random: ids.next,
      readTokenSecret: new Uint8Array(32),
      onFailed: (error) => {
        if (!scope.alive) return;
        trace.add('engine', 'gives up', error.code);
        this.options.onGaveUp(this.appendFaults.refused);
        this.crash(false, RESTART_MS);
      },
    });
    if (!scope.alive) return;
    this.project ??= (await core.projects.register({ name: 'shop' })).project;
    this.core = core;
    const { pingIntervalMs, pongWaitMs } = DEFAULT_TIMINGS;
    this.heartbeat = new Heartbeat({ clock: scope.clock, pingIntervalMs, pongWaitMs });
  }

  /** The process ends at once and starts again after `downMs`. Nothing in memory survives. */
  crash(power: boolean, downMs: number): void {
    const { trace, random, scheduler } = this.options;
    if (!this.scope.alive) return;
    trace.add('engine', power ? 'loses power' : 'crashes');
    this.scope.kill();
    this.core = undefined;
    this.heartbeat = undefined;
    for (const connection of this.connections) connection.lost('engine', power ? random.int(0, MAX_DEAD_PEER_MS) : 0);
    this.connections.clear();
    scheduler.schedule(downMs, () => void this.start());
  }

  /** @throws OrraError of a refused registration */
  async register(kind: ServiceKind, body: ServiceRegistration): Promise<ServiceRegistered> {
    const { core, project } = this.running();
    const { id, name, revertible, version } = await core.services.register(project, kind, body);
    this.serviceIds.set(name, id);
    const capabilities = { ...core.capabilities, maxMessageBytes: MAX_MESSAGE_BYTES };
    return { id, name, revertible, version, status: 'registered', capabilities };
  }

  /** Opens a session on an accepted connection. Returns false if the service is unknown. */
  accept(connection: Connection, serviceId: string): boolean {
    const { core, project } = this.running();
    const { heartbeat, scope } = this;
    const service = core.services.get(project, serviceId);
    if (!service || !heartbeat) return false;
    this.connections.add(connection);
    const session = new ServiceSession({
      webSocket: connection.webSocket,
      socket: connection.stream,
      service,
      connections: core.connections,
      clock: scope.clock,
      logger: silentLogger,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      onLeft: (left) => {
        heartbeat.remove(left);
        this.connections.delete(connection);
      },
    });
    session.start();
    connection.onPong(() => heartbeat.ponged(session));
    heartbeat.add(session);
    core.connections.connected(session);
    return true;
  }

  serviceId(name: string): string | undefined {
    return this.serviceIds.get(name);
  }

  /** Orchestrations that an engine would continue after a start. */
  async open(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { events } of new SqliteJournal(this.database).open()) {
      const [first] = events;
      if (first?.type === 'submitted') ids.push(first.orchestrationId);
    }
    return ids;
  }

  running(): { readonly core: EngineCore; readonly project: Project } {
    const { core, project } = this;
    if (!core || !project) throw new Error('the engine is down');
    return { core, project };
  }

  /** At the end of a world. */
  close(): void {
    this.scope.kill();
    try {
      this.database.close();
    } catch (error) {
      this.options.trace.add('engine', 'did not close', describeThrown(error));
    }
  }

  private openJournal(scope: ProcessScope, random: SeededRandom): SqliteJournal {
    return journalPort({
      journal: new SqliteJournal(this.database),
      scope,
      random,
      faults: this.appendFaults,
      onAppend: (appends) => this.options.onAppend(appends),
      onCommitted: (appends) => this.options.onCommitted(appends),
      crash: () => this.crash(false, this.downMs),
    });
  }

  private createScope(): ProcessScope {
    return new ProcessScope('engine', this.options.scheduler, this.wall);
  }
}
