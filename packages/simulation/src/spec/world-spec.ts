/** What a world consists of, as plain data: two runs of one specification are equal. Times are milliseconds since its start. */

export interface ServiceSpec {
  /** Such as `svc-a`. */
  readonly name: string;
  /** `keyed` recognises idempotency keys. `plain` does not, so its handler sets `onCrash: 'fail'`. */
  readonly bank: 'keyed' | 'plain';
  readonly replicas: 1 | 2;
  readonly revertible: boolean;
  readonly revertibleForMs: number;
  /** Also reverts tasks without an output. */
  readonly also: readonly ('failed' | 'unknown')[];
  /** Further tasks wait in the queue of its SDK. @default no limit */
  readonly concurrency: number | undefined;
  /** Each run of its handler describes the charge in its own words: two outputs of one effect differ. */
  readonly describes: boolean;
  /** Whether its handler sends progress updates. */
  readonly updates: boolean;
  /** Share of runs that behave in this way, 0 to 1. */
  readonly shares: Readonly<Record<Exclude<Behaviour, 'normal'>, number>>;
}

/**
 * What one run of a handler does. A handler that throws has not charged, except that `slow` ones may stop after their charge
 * when the signal fires.
 */
export type Behaviour = 'normal' | 'slow' | 'throw' | 'throw-final' | 'abort' | 'bad-output' | 'big-output';

export interface TaskSpec {
  /** Such as `t2`. */
  readonly id: string;
  readonly service: string;
  /** Ids of the tasks whose output it uses. */
  readonly uses: readonly string[];
}

export interface OrderSpec {
  /** Such as `o3`; the action of its orchestration. */
  readonly name: string;
  readonly atMs: number;
  readonly tasks: readonly TaskSpec[];
  readonly compensation?: 'parallel';
  /** When its submitter cancels it. */
  readonly cancelAtMs?: number;
}

/** `engine`, or a replica such as `svc-a/1`. */
export type ProcessName = string;
export type Direction = 'to-engine' | 'to-service';

export type Fault = { readonly atMs: number } &
  /** The next `count` messages of a replica's connection disappear. */
  (
    | { readonly kind: 'lose'; readonly replica: ProcessName; readonly direction: Direction; readonly count: number }
    /** Messages of the replica arrive `byMs` late, in order, until `forMs` are over. */
    | { readonly kind: 'delay'; readonly replica: ProcessName; readonly byMs: number; readonly forMs: number }
    | {
        readonly kind: 'duplicate';
        readonly replica: ProcessName;
        readonly direction: Direction;
        readonly count: number;
      }
    /** Both sides see their connection close. */
    | { readonly kind: 'cut'; readonly replica: ProcessName }
    /** Nothing arrives in either direction and no side sees a close, until `forMs` are over. */
    | { readonly kind: 'silent'; readonly replica: ProcessName; readonly forMs: number }
    | { readonly kind: 'freeze'; readonly process: ProcessName; readonly forMs: number }
    | { readonly kind: 'clock'; readonly process: ProcessName; readonly byMs: number }
    /** The next `count` appends of the engine's journal are refused. */
    | { readonly kind: 'refuse-append'; readonly count: number }
    /** The next append of the engine's journal takes `forMs`. */
    | { readonly kind: 'slow-append'; readonly forMs: number }
    /** The engine crashes inside its next append, before or after the commit. */
    | { readonly kind: 'crash-append'; readonly committed: boolean; readonly downMs: number }
    /** The next sync of the replica's file journal crashes its process. */
    | { readonly kind: 'crash-sync'; readonly replica: ProcessName; readonly downMs: number }
    /** With `power`, the machine stops: unsynced data is lost, and peers see no close. */
    | { readonly kind: 'crash'; readonly process: ProcessName; readonly power: boolean; readonly downMs: number }
    /** The process does not start again. */
    | { readonly kind: 'gone'; readonly replica: ProcessName }
    /** A connection of the replica sends a success for a key of another service. */
    | { readonly kind: 'forge'; readonly replica: ProcessName; readonly names: 'own' | 'other' }
  );

export type FaultKind = Fault['kind'];

/** What the operator does about a record that it finds. The shares add up to less than 1: it leaves the others. */
export interface OperatorSpec {
  readonly retry: number;
  readonly resolve: number;
  readonly ignore: number;
}

export interface WorldSpec {
  readonly seed: number;
  readonly services: readonly ServiceSpec[];
  readonly orders: readonly OrderSpec[];
  readonly faults: readonly Fault[];
  readonly operator: OperatorSpec;
}

export const replicasOf = ({ name, replicas }: ServiceSpec): ProcessName[] =>
  Array.from({ length: replicas }, (_, index) => `${name}/${index + 1}`);
