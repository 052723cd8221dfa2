/** Handlers and revert handlers that end when and how the test says. */
import type { CompensationResult, RevertSource, Task } from '@orra-ts/sdk';

export interface Message {
  readonly message?: string;
}
export type Source = RevertSource<Message, Message | undefined>;

/** Items in the order of their arrival; each is taken once. */
export class Arrivals<T> {
  private readonly items: T[] = [];
  private readonly waiting: ((item: T) => void)[] = [];

  add(item: T): void {
    const next = this.waiting.shift();
    if (next) next(item);
    else this.items.push(item);
  }

  next(): Promise<T> {
    const item = this.items.shift();
    return item === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(item);
  }

  /** What arrived and was not taken. */
  get count(): number {
    return this.items.length;
  }
}

class ControlledRun<T> {
  private end: (end: () => T) => void = () => undefined;
  private readonly ended = new Promise<() => T>((resolve) => (this.end = resolve));

  async result(): Promise<T> {
    return (await this.ended)();
  }

  protected endWith(end: () => T): void {
    this.end(end);
  }

  fail(error: Error): void {
    this.endWith(() => {
      throw error;
    });
  }
}

export class HandlerRun extends ControlledRun<Message> {
  constructor(readonly task: Task<Message>) {
    super();
  }

  succeed(message: string): void {
    this.endWith(() => ({ message }));
  }

  abort(reason: string): void {
    this.endWith(() => this.task.abort({ reason }));
  }

  /** Resolves with the reason of the signal. A handler that asks for its signal can be stopped by it. */
  async signalled(): Promise<unknown> {
    const { signal } = this.task;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return signal.reason;
  }
}

export class RevertRun extends ControlledRun<CompensationResult | undefined> {
  constructor(readonly source: Source) {
    super();
  }

  complete(result?: CompensationResult): void {
    this.endWith(() => result);
  }
}
