/** Reads from the records of class-transformer: the type of a property, its name on the wire, whether it is sent. */
import type { ClassType } from '../../schema';
import { loadedCopies, type ClassTransformer, type LoadedValidatorModules } from '../validator-modules';
import {
  findRecord,
  findRecords,
  findStorage,
  recordedProperties,
  type ClassTransformerStorage,
  type DirectionOptions,
  type TransformMetadata,
  type TypeMetadata,
} from './transformer-records';

export type Direction = 'toClass' | 'toPlain';
const CLASS_TO_PLAIN = 1;
const applies = ({ toClassOnly = false, toPlainOnly = false }: DirectionOptions = {}, direction: Direction): boolean =>
  toClassOnly === toPlainOnly || (direction === 'toClass' ? toClassOnly : toPlainOnly);

export class TransformerMetadata {
  private constructor(private readonly storage: ClassTransformerStorage | undefined) {}

  /** Reads the records of the application's copy. */
  static of({ classTransformer, classTransformerStorage }: LoadedValidatorModules): TransformerMetadata {
    return new TransformerMetadata(classTransformerStorage ?? findStorage(classTransformer));
  }

  /** False if the records cannot be read: this version of class-transformer stores them in another way. */
  get isReadable(): boolean {
    return this.storage !== undefined;
  }

  typeOf(cls: ClassType, property: string): TypeMetadata | undefined {
    return this.storage && findRecord(this.storage._typeMetadatas, cls, property);
  }

  /** Entry files of another loaded copy that has the type of this property, and of the copy in use. */
  copyWithType(cls: ClassType, property: string): { readonly file: string; readonly inUse: string } | undefined {
    const own = this.storage?._typeMetadatas;
    const copies = loadedCopies('class-transformer').map((file) => ({
      file,
      types: findStorage(require(file) as ClassTransformer)?._typeMetadatas,
    }));
    const other = copies.find(({ types }) => types && types !== own && findRecord(types, cls, property));
    const inUse = copies.find(({ types }) => types === own)?.file ?? 'class-transformer';
    return other && { file: other.file, inUse };
  }

  /** True if the value is transformed before validation, so that rules do not apply to the value on the wire. */
  isTransformed(cls: ClassType, property: string): boolean {
    const transforms = this.storage ? findRecords(this.storage._transformMetadatas, cls, property).flat() : [];
    return transforms.some(({ options }) => applies(options, 'toClass'));
  }

  /** Applies the `@Transform` decorators of an output, as class-transformer does without groups and versions. */
  transformToPlain(cls: ClassType, property: string, source: Readonly<Record<string, unknown>>): unknown {
    const transforms = this.storage ? findRecords(this.storage._transformMetadatas, cls, property).flat() : [];
    return transforms
      .filter(({ options }) => applies(options, 'toPlain') && (options?.groups ?? []).length === 0)
      .reverse()
      .reduce(
        (value: unknown, { transformFn }) =>
          transformFn({ value, key: property, obj: source, type: CLASS_TO_PLAIN, options: {} }),
        source[property],
      );
  }

  /**
   * Runs a conversion to a class in which `@Transform` decorators for both directions do not apply, because they have
   * applied to the value when it became plain. class-transformer has no option for this, so their records are replaced
   * during the synchronous call. Returns undefined if there are none.
   */
  withoutRepeats<T>(convert: () => T): T | undefined {
    const restore: (() => void)[] = [];
    for (const properties of this.storage?._transformMetadatas.values() ?? []) {
      const records = properties as Map<string | undefined, readonly TransformMetadata[]>;
      for (const [property, all] of records) {
        const once = all.filter(({ options }) => options?.toClassOnly === true);
        if (once.length === all.length) continue;
        records.set(property, once);
        restore.push(() => records.set(property, all));
      }
    }
    try {
      return restore.length > 0 ? convert() : undefined;
    } finally {
      for (const undo of restore) undo();
    }
  }

  /** Groups of `@Expose` without which class-transformer omits the property. */
  hidingGroups(cls: ClassType, property: string, direction: Direction): readonly string[] {
    const options = this.storage && findRecord(this.storage._exposeMetadatas, cls, property)?.options;
    return options && applies(options, direction) ? (options.groups ?? []) : [];
  }

  isExposed(cls: ClassType, property: string): boolean {
    return this.storage !== undefined && findRecord(this.storage._exposeMetadatas, cls, property) !== undefined;
  }

  /** Properties with `@Expose`. */
  exposedProperties(cls: ClassType): readonly string[] {
    return this.storage ? recordedProperties(this.storage._exposeMetadatas, cls) : [];
  }

  /** Name in an output; undefined if the property is not sent. */
  sentName(cls: ClassType, property: string): string | undefined {
    if (this.hidingGroups(cls, property, 'toPlain').length > 0) return undefined;
    return this.wireName(cls, property, 'toPlain');
  }

  /** Name on the wire; undefined if the property is not sent in this direction. */
  wireName(cls: ClassType, property: string, direction: Direction): string | undefined {
    if (!this.storage) return property;
    const exclude = findRecord(this.storage._excludeMetadatas, cls, property);
    if (exclude && applies(exclude.options, direction)) return undefined;
    const expose = findRecord(this.storage._exposeMetadatas, cls, property);
    const exposed = expose !== undefined && applies(expose.options, direction);
    if (this.excludesAll(cls) && !exposed) return undefined;
    return exposed ? (expose.options?.name ?? property) : property;
  }

  /** `@Exclude()` on the class itself; such a record is not inherited. */
  private excludesAll(cls: ClassType): boolean {
    const ownRecord = (
      records: ReadonlyMap<ClassType, ReadonlyMap<string | undefined, unknown>> | undefined,
    ): boolean => records?.get(cls)?.has(undefined) ?? false;
    return ownRecord(this.storage?._excludeMetadatas) && !ownRecord(this.storage?._exposeMetadatas);
  }
}
