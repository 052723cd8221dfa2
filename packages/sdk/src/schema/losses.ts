/** Collects what a plan engine cannot keep of a schema, and says it in few sentences. */
export class Losses {
  private readonly pathsByReason = new Map<string, Set<string>>();
  private readonly sentences: string[] = [];

  /** A reason that may concern many places, such as `enum is not kept`. */
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
