/**
 * Prepares the output of a handler for class-transformer, which would call functions, ignore `toJSON` and mutate instances.
 * Members that `@Exclude` hides or `@Transform` replaces are left as they are.
 */
import { describeThrown } from '@orra-ts/common';
import type { ClassType } from '../schema';
import type { TransformerMetadata } from '../schema/dto/transformer-metadata';
import type { ClassTransformer } from '../schema/validator-modules';
import { joinPath } from './ajv';
import { toPlainJson, type PlainJsonResult } from './plain-json';

const LEAVES: readonly unknown[] = [Object, Date, Map, Set, String, Number, Boolean, Promise, Error, RegExp];

/** Applies `@Expose`, `@Exclude` and `@Transform` once and returns plain JSON. A failure is a violation with its path. */
export function classOutput(
  value: unknown,
  cls: ClassType,
  modules: { readonly transformer: TransformerMetadata; readonly classTransformer: ClassTransformer },
): PlainJsonResult {
  const preparation = new Preparation(modules.transformer);
  try {
    const prepared = preparation.visit(value, () => cls, '');
    if (typeof prepared !== 'object' || prepared === null || Array.isArray(prepared)) return toPlainJson(prepared);
    // Only a member that is transformed can fail from here.
    preparation.path = '';
    return toPlainJson(modules.classTransformer.instanceToPlain(prepared));
  } catch (thrown) {
    if (thrown instanceof Cycle) return { violations: [{ path: preparation.path, message: thrown.message }] };
    const message = `cannot be transformed: ${describeThrown(thrown)}`;
    return { violations: [{ path: preparation.path, message, thrown }] };
  }
}

/** Selects the class of a value, which depends on the value under a discriminator. */
type Declared = (value: object) => ClassType | undefined;

class Cycle extends Error {}

class Preparation {
  /** The member that was read last: class-transformer reads a member directly before it transforms it. */
  path = '';
  private readonly ancestors: object[] = [];

  constructor(private readonly transformer: TransformerMetadata) {}

  visit(value: unknown, declared: Declared | undefined, path: string): unknown {
    this.path = path;
    if (typeof value === 'function') return undefined;
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (this.ancestors.includes(value)) throw new Cycle('refers back to an object that contains it');
    this.ancestors.push(value);
    const prepared = this.object(value, declared, path);
    this.ancestors.pop();
    return prepared;
  }

  private object(value: object, declared: Declared | undefined, path: string): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      const json: unknown = toJSON.call(value, path);
      return json === value ? this.members(value, declared, path) : this.visit(json, declared, path);
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.visit(item, declared, joinPath(path, String(index))));
    }
    if (value instanceof Set) return [...value].map((item) => this.visit(item, declared, path));
    if (value instanceof Map) {
      return new Map([...value].map(([key, item]) => [key, this.visit(item, declared, joinPath(path, String(key)))]));
    }
    if (ArrayBuffer.isView(value)) return value;
    return this.members(value, declared, path);
  }

  /** Copies an object as an instance of its class, so that nothing of the handler is changed. */
  private members(value: object, declared: Declared | undefined, path: string): unknown {
    const own = (value as { constructor?: unknown }).constructor;
    const isInstance = typeof own === 'function' && !LEAVES.includes(own);
    if (own !== undefined && own !== Object && !isInstance) return value;
    const expected = declared?.(value);
    const cls = isInstance && (!expected || value instanceof expected) ? (own as ClassType) : expected;
    const copy =
      cls && !isInstance ? create(cls) : (Object.create(cls ? (cls.prototype as object) : Object.prototype) as object);
    const keys = new Set([...Object.keys(value), ...(cls ? this.transformer.exposedProperties(cls) : [])]);
    for (const key of keys)
      if (key in value) this.member(value as Record<string, unknown>, key, cls, copy, joinPath(path, key));
    return copy;
  }

  private member(
    value: Record<string, unknown>,
    key: string,
    cls: ClassType | undefined,
    copy: object,
    path: string,
  ): void {
    const isHidden = cls && this.transformer.wireName(cls, key, 'toPlain') === undefined;
    const isTransformed = cls && this.transformer.isTransformed(cls, key, 'toPlain');
    if (isHidden || isTransformed) {
      const get = (): unknown => {
        if (isTransformed) this.path = path;
        return value[key];
      };
      Object.defineProperty(copy, key, { get, enumerable: true, configurable: true });
      return;
    }
    this.path = path;
    const raw = value[key];
    if (typeof raw === 'function') return;
    const prepared = this.visit(raw, cls && this.memberClass(cls, key), path);
    Object.defineProperty(copy, key, { value: prepared, enumerable: true, configurable: true, writable: true });
  }

  private memberClass(cls: ClassType, key: string): Declared | undefined {
    const type = this.transformer.typeOf(cls, key);
    const union = type?.options?.discriminator;
    if (union) {
      // class-transformer identifies the class of a union by its instance, so a literal becomes one.
      return (value) =>
        union.subTypes.find(({ name }) => name === (value as Record<string, unknown>)[union.property])?.value;
    }
    const found = type?.typeFunction?.({ object: {}, property: key, newObject: {} });
    return typeof found === 'function' && !LEAVES.includes(found) && found !== Array
      ? () => found as ClassType
      : undefined;
  }
}

/** Members of a literal that are missing get the initial values of the class. */
function create(cls: ClassType): object {
  try {
    return new (cls as new () => object)();
  } catch {
    return Object.create(cls.prototype as object) as object;
  }
}
