/** The plans of a `FakePlanEngine`. Every registration creates a version, and nothing is validated. */
import type { FakeHttpResponse } from './http-response';

export class FakePlans {
  /** Versions by name, newest first. */
  private readonly versions = new Map<string, readonly object[]>();
  private readonly removed = new Set<string>();

  /**
   * Returns undefined for an unknown route.
   * @param name empty for `/plans` itself
   */
  respond(method: string, name: string, body: unknown): FakeHttpResponse | undefined {
    if (name === '') return method === 'GET' ? { status: 200, body: this.list() } : undefined;
    if (method === 'PUT') return { status: 200, body: this.register(name, body as object) };
    if (method !== 'GET' && method !== 'DELETE') return undefined;
    const versions = this.versions.get(name);
    if (!versions) {
      const error = { kind: 'item does not exist', code: 'Orra:UnknownPlan', message: `unknown plan: ${name}` };
      return { status: 400, body: { error } };
    }
    if (method === 'GET') return { status: 200, body: { ...versions[0], versions } };
    this.removed.add(name);
    return { status: 204 };
  }

  forget(): void {
    this.versions.clear();
    this.removed.clear();
  }

  private register(name: string, body: object): object {
    const versions = this.versions.get(name) ?? [];
    const version = { ...body, version: versions.length + 1, createdAt: '2026-01-01T00:00:00.000Z' };
    this.versions.set(name, [version, ...versions]);
    this.removed.delete(name);
    return version;
  }

  private list(): unknown[] {
    const names = [...this.versions.keys()].filter((name) => !this.removed.has(name)).sort();
    return names.map((name) => this.versions.get(name)?.[0]);
  }
}
