/**
 * Virtual time. Everything that happens in a world is an entry here, and one entry runs at a time, in the order of due
 * times, then of creation. After an entry, two turns of the real event loop pass, so that promises and `setImmediate`
 * callbacks of the code under test have run before the next entry.
 */
import type { Timer } from '@orra-ts/common';

/** Who an entry belongs to: entries of a dead owner are dropped, those of a frozen one wait. */
export interface Owner {
  readonly alive: boolean;
  readonly frozenUntilMs: number;
}

interface Entry {
  atMs: number;
  readonly order: number;
  readonly owner: Owner | undefined;
  readonly run: () => void;
  cleared: boolean;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Scheduler {
  /** Milliseconds since the world began. Never goes back. */
  nowMs = 0;
  steps = 0;
  private order = 0;
  private readonly heap: Entry[] = [];

  schedule(delayMs: number, run: () => void, owner?: Owner): Timer {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const entry: Entry = { atMs, order: ++this.order, owner, run, cleared: false };
    this.push(entry);
    return { clear: () => void (entry.cleared = true) };
  }

  /** Runs the next entry. Resolves with false when nothing is due until `untilMs`. */
  async step(untilMs: number): Promise<boolean> {
    for (;;) {
      const entry = this.heap[0];
      if (!entry || entry.atMs > untilMs) return false;
      this.pop();
      if (entry.cleared || entry.owner?.alive === false) continue;
      const frozenUntilMs = entry.owner?.frozenUntilMs ?? 0;
      if (frozenUntilMs > entry.atMs) {
        entry.atMs = frozenUntilMs;
        this.push(entry);
        continue;
      }
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      this.steps++;
      entry.run();
      await turn();
      await turn();
      return true;
    }
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
