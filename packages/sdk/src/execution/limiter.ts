/** At most so many runs of one service at once; the rest waits in order of arrival. */
export class Limiter<T> {
  private active = 0;
  private readonly waiting: T[] = [];

  constructor(
    private readonly concurrency: number,
    private readonly start: (item: T) => void,
  ) {}

  /** Starts it now, or when its turn has come. */
  admit(item: T): void {
    if (this.active >= this.concurrency) {
      this.waiting.push(item);
      return;
    }
    this.active++;
    this.start(item);
  }

  /** A started one has ended. */
  release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.active--;
    else this.start(next);
  }

  /** Takes out everything that has not started. */
  clear(): T[] {
    return this.waiting.splice(0);
  }
}
