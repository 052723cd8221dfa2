/**
 * Binds the random ids of a recording to the ids of the party under test at their first appearance. Different ids stay
 * different, and equal ids stay equal. Timestamps and durations are compared by their format.
 */
import type { Json } from './recording';

/** Service ids, keys and hashes, and the random part of all other ids. */
const ID =
  /s_[a-z]{28}(?![a-z])|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])|(?<=_)[2-9A-HJ-NP-Za-km-z]{20,24}(?![0-9A-Za-z])/g;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

export class Bindings {
  private ours = new Map<string, string>();
  private recorded = new Map<string, string>();

  /** Returns the recorded value with every bound id replaced by ours. */
  substitute<T>(value: T): T {
    return JSON.parse(JSON.stringify(value).replace(ID, (id) => this.ours.get(id) ?? id)) as T;
  }

  /** Returns the differences with their paths, and binds ids if there are none. Our value may also have the members of `extras`. */
  compare(recorded: Json, actual: Json, extras: readonly string[] = []): string[] {
    const before = [new Map(this.ours), new Map(this.recorded)] as const;
    const found: string[] = [];
    this.walk(recorded, actual, '', extras, found);
    if (found.length > 0) [this.ours, this.recorded] = before;
    return found;
  }

  private walk(recorded: Json, actual: Json, at: string, extras: readonly string[], found: string[]): void {
    const differs = (): void => {
      found.push(`${at || '/'}: recorded ${JSON.stringify(recorded)}, got ${JSON.stringify(actual)}`);
    };
    if (typeof recorded === 'string') {
      if (typeof actual !== 'string' || !this.equalTexts(recorded, actual)) differs();
    } else if (typeof recorded === 'number' && at.endsWith('/duration')) {
      if (!Number.isSafeInteger(actual) || actual < 0) differs();
    } else if (recorded === null || typeof recorded !== 'object') {
      if (recorded !== actual) differs();
    } else if (Array.isArray(recorded)) {
      if (!Array.isArray(actual) || actual.length !== recorded.length) return differs();
      recorded.forEach((item, index) => this.walk(item, actual[index], `${at}/${index}`, extras, found));
    } else {
      if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return differs();
      for (const name of Object.keys(recorded)) {
        if (Object.hasOwn(actual, name)) this.walk(recorded[name], actual[name], `${at}/${name}`, extras, found);
        else found.push(`${at}/${name}: missing, recorded ${JSON.stringify(recorded[name])}`);
      }
      for (const name of Object.keys(actual)) {
        if (!Object.hasOwn(recorded, name) && !extras.includes(name)) {
          found.push(`${at}/${name}: not in the recording, got ${JSON.stringify(actual[name])}`);
        }
      }
    }
  }

  private equalTexts(recorded: string, actual: string): boolean {
    if (TIMESTAMP.test(recorded)) return TIMESTAMP.test(actual);
    const theirs = recorded.match(ID) ?? [];
    const ours = actual.match(ID) ?? [];
    if (recorded.replace(ID, '<id>') !== actual.replace(ID, '<id>')) return false;
    return theirs.every((id, index) => this.bind(id, ours[index] ?? ''));
  }

  private bind(recorded: string, actual: string): boolean {
    if ((this.ours.get(recorded) ?? actual) !== actual || (this.recorded.get(actual) ?? recorded) !== recorded) {
      return false;
    }
    this.ours.set(recorded, actual);
    this.recorded.set(actual, recorded);
    return true;
  }
}
