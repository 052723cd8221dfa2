/**
 * X7: in one process, a revert and the handler of its task never run concurrently. A revert waits for a handler that runs.
 * A revert without output then looks up the key of its task in the journal: an outcome that the engine does not know is
 * sent again instead, otherwise the key is fenced, so that no later request starts it, and the revert runs.
 */
import { isJsonObject, type CompensationRequest } from '@orra-ts/protocol';
import type { FenceStatus, JournalRecord, ServiceJournal } from '../journal/execution-journal';
import { readStored } from './outcome';
import type { Run } from './run';

export interface TaskFenceHost {
  readonly journal: ServiceJournal;
  isRunning(key: string): boolean;
  /** The revert may run. */
  start(run: Run): void;
  /** The revert is not needed: the outcome in this record goes to the engine instead. */
  supersede(run: Run, taskKey: string, record: JournalRecord): void;
  /** The journal failed: the revert does not run. */
  failed(run: Run, error: unknown): void;
}

/** What closes a key: a run, or one call of `fence`. */
type Holder = object;

export class TaskFence {
  /** Keys of tasks that no request may start now: their revert is looked up or runs, or they are being fenced. */
  private readonly closedKeys = new Map<string, Holder>();
  /** Reverts that wait, by the key of their task. */
  private readonly waiting = new Map<string, Run[]>();

  constructor(private readonly host: TaskFenceHost) {}

  isClosed(taskKey: string): boolean {
    return this.closedKeys.has(taskKey);
  }

  /** Starts a revert as soon as the handler of its task does not run. */
  admit(run: Run): void {
    const request = run.request as CompensationRequest;
    const taskKey = taskKeyOf(request);
    // A revert that has the key of its task is the running one itself.
    if (taskKey === undefined || taskKey === request.idempotencyKey) return this.host.start(run);
    if (this.host.isRunning(taskKey) || this.closedKeys.has(taskKey)) {
      const others = this.waiting.get(taskKey);
      if (others) others.push(run);
      else this.waiting.set(taskKey, [run]);
      return;
    }
    this.closedKeys.set(taskKey, run);
    if (request.outcome === undefined) return this.host.start(run);
    void this.admitWithoutOutput(run, taskKey, request.outcome);
  }

  /** Fences the key of a task that does not run. Resolves with its record; no request starts the key meanwhile. */
  async fence(taskKey: string): Promise<JournalRecord | undefined> {
    const { journal } = this.host;
    const holder: Holder = {};
    this.closedKeys.set(taskKey, holder);
    try {
      const record = await journal.find(taskKey);
      // A final outcome is repeated for every request, which does not start the key either.
      if (!record?.outcome?.final && !record?.fence) await journal.fence(taskKey, statusOf(record));
      return record;
    } finally {
      this.reopen(taskKey, holder);
    }
  }

  /** A run has ended: reverts that waited for it are admitted. */
  ended(run: Run): void {
    const { request } = run;
    if (request.type === 'compensation_request') {
      const taskKey = taskKeyOf(request);
      if (taskKey !== undefined) this.reopen(taskKey, run);
    } else if (this.waiting.size > 0) this.resume(request.idempotencyKey);
  }

  /** Removes and returns every revert that waits. */
  clear(): Run[] {
    const runs = [...this.waiting.values()].flat();
    this.waiting.clear();
    return runs;
  }

  private async admitWithoutOutput(run: Run, taskKey: string, stated: 'failed' | 'unknown'): Promise<void> {
    const { journal } = this.host;
    try {
      const record = await journal.find(taskKey);
      if (record && isNewsFor(stated, record)) return this.host.supersede(run, taskKey, record);
      await journal.fence(taskKey, statusOf(record));
    } catch (error) {
      return this.host.failed(run, error);
    }
    this.host.start(run);
  }

  private reopen(taskKey: string, holder: Holder): void {
    if (this.closedKeys.get(taskKey) !== holder) return;
    this.closedKeys.delete(taskKey);
    this.resume(taskKey);
  }

  private resume(taskKey: string): void {
    const runs = this.waiting.get(taskKey);
    if (!runs) return;
    this.waiting.delete(taskKey);
    for (const run of runs) this.admit(run);
  }
}

/** What is known of a key without an outcome. */
export const statusOf = (record: JournalRecord | undefined): FenceStatus =>
  record?.fence ?? (record && record.attempts > 0 ? 'interrupted' : 'not_started');

/** The key that the handler of the task had; undefined if another SDK completed it and did not store the key. */
export function taskKeyOf({ taskKey, input }: CompensationRequest): string | undefined {
  if (taskKey !== undefined) return taskKey;
  const task = isJsonObject(input) ? input['originalTask'] : undefined;
  const key = isJsonObject(task) ? task['idempotencyKey'] : undefined;
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** Whether the engine, which states this of the task, does not know its stored outcome. */
function isNewsFor(stated: 'failed' | 'unknown', { outcome, acknowledged }: JournalRecord): boolean {
  if (!outcome) return false;
  const known = readStored(outcome);
  if (!known) return !acknowledged;
  if (known.kind === 'completed') return true;
  return !acknowledged && (known.effect ?? 'failed') !== stated;
}
