/** Collects the parts of a schema that the Go engine ignores, one sentence per reason. */
export class UnsupportedKeywords {
  private readonly pathsByReason = new Map<string, Set<string>>();
  private readonly sentences: string[] = [];

  /** Adds a path to a reason that many places can share, such as `enum is not kept by the Go engine`. */
  note(reason: string, path: string): void {
    const paths = this.pathsByReason.get(reason) ?? new Set();
    paths.add(path === '' ? 'the top level' : path);
    this.pathsByReason.set(reason, paths);
  }

  add(sentence: string): void {
    this.sentences.push(sentence);
  }

  list(): string[] {
    return [
      ...this.sentences,
      ...[...this.pathsByReason].map(([reason, paths]) => `${[...paths].join(', ')}: ${reason}`),
    ];
  }
}
