/** Collects the parts of a schema that engines do not check, one sentence per reason. */
export class SchemaNotes {
  private readonly byService = new PathsByReason();
  private readonly notOnGoEngine = new PathsByReason();

  /** No engine checks it, so it is left to the service. */
  leave(reason: string, path: string): void {
    this.byService.add(reason, path);
    this.drop(reason, path);
  }

  /** Only the Go engine does not keep or check it. Many places can share a reason. */
  drop(reason: string, path: string): void {
    this.notOnGoEngine.add(reason, path);
  }

  leftToService(): string[] {
    return this.byService.sentences();
  }

  unsupportedKeywords(): string[] {
    return this.notOnGoEngine.sentences();
  }
}

class PathsByReason {
  private readonly paths = new Map<string, Set<string>>();

  add(reason: string, path: string): void {
    const paths = this.paths.get(reason) ?? new Set();
    paths.add(path === '' ? 'the top level' : path);
    this.paths.set(reason, paths);
  }

  sentences(): string[] {
    return [...this.paths].map(([reason, paths]) => `${[...paths].join(', ')}: ${reason}`);
  }
}
