/** Keys whose outcome or fence could not be written. Only memory has it, until a segment begins with it. */
export class UnsavedKeys {
  /** With the number of the segment that may begin with the key at the earliest. */
  private readonly segments = new Map<string, number>();
  private nextSegment = 0;
  /** Keys whose outcome or fence the disk gets with one write. */
  private batch: { readonly written: Promise<void>; readonly keys: string[] } | undefined;

  get size(): number {
    return this.segments.size;
  }

  get keys(): Iterable<string> {
    return this.segments.keys();
  }

  /** @param written is shared by all keys of one write, and rejects if that fails */
  watch(key: string, written: Promise<void>): void {
    if (this.batch?.written === written) return void this.batch.keys.push(key);
    const batch = { written, keys: [key] };
    this.batch = batch;
    written.then(
      () => this.end(batch),
      () => {
        this.end(batch);
        for (const failed of batch.keys) this.segments.set(failed, this.nextSegment);
      },
    );
  }

  /** A segment begins with all of them. Call the returned function when the disk has it. */
  carryOver(): () => void {
    const segment = this.nextSegment++;
    return () => {
      for (const [key, first] of this.segments) if (first <= segment) this.segments.delete(key);
    };
  }

  forget(key: string): void {
    this.segments.delete(key);
  }

  private end(batch: object): void {
    if (this.batch === batch) this.batch = undefined;
  }
}
