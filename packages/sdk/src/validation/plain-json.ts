/** Converts the output of a handler to plain JSON. */
import { describeThrown } from '@orra-ts/common';
import type { Violation } from './value-schema';
import { joinPath } from './ajv';

/** Far above the depth of real outputs, far below the depth at which the JSON encoder overflows the stack. */
const MAX_DEPTH = 500;

export type PlainJsonResult = { readonly value: unknown } | { readonly violations: readonly Violation[] };

/**
 * Returns the value as plain JSON: dates as ISO strings, maps as objects, sets as arrays, instances as their own
 * members, `undefined` omitted. A plain value is returned as it is, not copied. A value that JSON would lose silently
 * or refuse (bigint, NaN, a cycle, an invalid date) is a violation.
 */
export function toPlainJson(value: unknown): PlainJsonResult {
  const walk = new PlainJsonConverter();
  const plain = walk.visit(value);
  return walk.violations.length > 0 ? { violations: walk.violations } : { value: plain };
}

class PlainJsonConverter {
  readonly violations: Violation[] = [];
  private readonly ancestors: object[] = [];
  /** The current path; it becomes a string only when there is a violation to report. */
  private readonly path: (string | number)[] = [];

  visit(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.refuse(`${value} cannot be expressed in JSON`);
      case 'bigint':
        return this.refuse('a bigint cannot be expressed in JSON; return String(value) or Number(value)');
      case 'object':
        return value === null ? null : this.visitObject(value);
      case 'undefined':
      case 'function':
      case 'symbol':
        // Omitted, as JSON.stringify does.
        return undefined;
    }
  }

  private visitObject(value: object): unknown {
    if (this.ancestors.includes(value)) return this.refuse('refers back to an object that contains it');
    if (this.ancestors.length >= MAX_DEPTH) return this.refuse(`is nested more than ${MAX_DEPTH} levels deep`);
    this.ancestors.push(value);
    try {
      if (Array.isArray(value)) return this.array(value);
      if (value instanceof Date) {
        return Number.isNaN(value.getTime()) ? this.refuse('is an invalid date') : value.toISOString();
      }
      if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
        return this.visit((value as { toJSON(key: string): unknown }).toJSON(String(this.path.at(-1) ?? '')));
      }
      if (value instanceof Map) return this.map(value);
      if (value instanceof Set) return this.array([...value]);
      if (value instanceof String || value instanceof Number || value instanceof Boolean) return value.valueOf();
      return this.members(value as Record<string, unknown>);
    } catch (thrown) {
      // A getter or `toJSON` of user code.
      return this.refuse(`could not be read: ${describeThrown(thrown)}`, thrown);
    } finally {
      this.ancestors.pop();
    }
  }

  private array(array: readonly unknown[]): unknown {
    let copy: unknown[] | undefined;
    for (let index = 0; index < array.length; index++) {
      const element = array[index];
      // Values that are omitted from objects are null in arrays, as in JSON.stringify.
      const plain = this.at(index, element) ?? null;
      if (copy) copy.push(plain);
      else if (plain !== element) copy = [...array.slice(0, index), plain];
    }
    return copy ?? array;
  }

  private map(map: ReadonlyMap<unknown, unknown>): unknown {
    const members: Record<string, unknown> = {};
    for (const [key, value] of map) {
      if (typeof key === 'string' || typeof key === 'number') setMember(members, String(key), value);
      else this.refuse('is a map with keys that are neither strings nor numbers');
    }
    return this.members(members);
  }

  private members(object: Record<string, unknown>): unknown {
    const prototype: unknown = Object.getPrototypeOf(object);
    let copy: Record<string, unknown> | undefined =
      prototype === Object.prototype || prototype === null ? undefined : {};
    const keys = Object.keys(object);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      const member = object[key];
      const plain = this.at(key, member);
      if (!copy && (plain !== member || plain === undefined)) {
        copy = {};
        for (const earlier of keys.slice(0, index)) setMember(copy, earlier, object[earlier]);
      }
      if (copy && plain !== undefined) setMember(copy, key, plain);
    }
    return copy ?? object;
  }

  private at(key: string | number, value: unknown): unknown {
    this.path.push(key);
    const plain = this.visit(value);
    this.path.pop();
    return plain;
  }

  private refuse(message: string, thrown?: unknown): undefined {
    const path = this.path.reduce<string>((parent, key) => joinPath(parent, String(key)), '');
    this.violations.push(thrown === undefined ? { path, message } : { path, message, thrown });
    return undefined;
  }
}

/** Defines the member, because assigning `__proto__` would change the prototype of the object. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
