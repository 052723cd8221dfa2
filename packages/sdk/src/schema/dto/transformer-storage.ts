/**
 * Reads the records of `@Type`, `@Transform`, `@Expose` and `@Exclude`. class-transformer has no public API for them,
 * so this reads its storage file, whose format is unchanged since 0.3. Without that file, `@Type` counts as unknown.
 */
import { dirname, join } from 'node:path';
import type { ClassType } from '../../schema';
import { loadedCopies, type ClassTransformer } from '../validator-modules';

/** The part of class-transformer's `MetadataStorage` that is used here. */
interface Storage {
  findTypeMetadata(cls: ClassType, property: string): TypeMetadata | undefined;
  findTransformMetadatas(cls: ClassType, property: string, direction: number): readonly unknown[];
  findExposeMetadata(cls: ClassType, property: string): { options?: ExposeOptions } | undefined;
  getExposedProperties(cls: ClassType, direction: number): readonly string[];
  findExcludeMetadata(cls: ClassType, property: string): { options?: DirectionOptions } | undefined;
  getStrategy(cls: ClassType): 'excludeAll' | 'exposeAll' | 'none';
}

interface DirectionOptions {
  readonly toClassOnly?: boolean;
  readonly toPlainOnly?: boolean;
}

interface ExposeOptions extends DirectionOptions {
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface TypeMetadata {
  readonly typeFunction?: (options?: unknown) => unknown;
  readonly reflectedType?: unknown;
  readonly options?: {
    readonly discriminator?: {
      readonly property: string;
      readonly subTypes: readonly { readonly value: ClassType; readonly name: string }[];
    };
  };
}

export type Direction = 'toClass' | 'toPlain';
const PLAIN_TO_CLASS = 0;
const CLASS_TO_PLAIN = 1;

const applies = ({ toClassOnly = false, toPlainOnly = false }: DirectionOptions = {}, direction: Direction): boolean =>
  toClassOnly === toPlainOnly || (direction === 'toClass' ? toClassOnly : toPlainOnly);

export class TransformerMetadata {
  private constructor(
    private readonly storage: Storage | undefined,
    private readonly others: readonly { readonly file: string; readonly storage: Storage }[],
    readonly file: string | undefined,
  ) {}

  static of(module: ClassTransformer): TransformerMetadata {
    const copies = loadedCopies('class-transformer').flatMap((file) => {
      const storage = storageBeside(file);
      return storage ? [{ file, storage }] : [];
    });
    const mine = copies.find(({ file }) => require.cache[file]?.exports === module);
    if (mine)
      return new TransformerMetadata(
        mine.storage,
        copies.filter((copy) => copy !== mine),
        mine.file,
      );
    return new TransformerMetadata(installedStorage(module), copies, undefined);
  }

  typeOf(cls: ClassType, property: string): TypeMetadata | undefined {
    return this.storage?.findTypeMetadata(cls, property);
  }

  /** Entry files of our copy, and of the other copy that has the type of this property. */
  knownElsewhere(cls: ClassType, property: string): { readonly ours: string; readonly theirs: string } | undefined {
    const other = this.others.find(({ storage }) => storage.findTypeMetadata(cls, property) !== undefined);
    return other && { ours: this.file ?? 'class-transformer', theirs: other.file };
  }

  /** True if the value is transformed before validation, so that rules do not apply to the value on the wire. */
  isTransformed(cls: ClassType, property: string, direction: Direction = 'toClass'): boolean {
    const way = direction === 'toClass' ? PLAIN_TO_CLASS : CLASS_TO_PLAIN;
    return (this.storage?.findTransformMetadatas(cls, property, way).length ?? 0) > 0;
  }

  /** Groups of `@Expose` without which class-transformer omits the property. */
  hidingGroups(cls: ClassType, property: string, direction: Direction): readonly string[] {
    const options = this.storage?.findExposeMetadata(cls, property)?.options;
    return options && applies(options, direction) ? (options.groups ?? []) : [];
  }

  isExposed(cls: ClassType, property: string): boolean {
    return this.storage?.findExposeMetadata(cls, property) !== undefined;
  }

  /** Properties with `@Expose`. */
  exposedProperties(cls: ClassType): readonly string[] {
    if (!this.storage) return [];
    return [PLAIN_TO_CLASS, CLASS_TO_PLAIN].flatMap((way) => this.storage?.getExposedProperties(cls, way) ?? []);
  }

  /** Name on the wire; undefined if the property is not sent in this direction. */
  wireName(cls: ClassType, property: string, direction: Direction): string | undefined {
    if (!this.storage) return property;
    const exclude = this.storage.findExcludeMetadata(cls, property);
    if (exclude && applies(exclude.options, direction)) return undefined;
    const expose = this.storage.findExposeMetadata(cls, property);
    const exposed = expose !== undefined && applies(expose.options, direction);
    if (this.storage.getStrategy(cls) === 'excludeAll' && !exposed) return undefined;
    return exposed ? (expose.options?.name ?? property) : property;
  }
}

function storageBeside(entry: string): Storage | undefined {
  try {
    return (require(join(dirname(entry), 'storage.js')) as { defaultMetadataStorage: Storage }).defaultMetadataStorage;
  } catch {
    return undefined;
  }
}

/** Used if the module cache does not list the entry, as in some test runners and loaders. */
function installedStorage(module: ClassTransformer): Storage | undefined {
  try {
    const entry = require.resolve('class-transformer');
    return require(entry) === module ? storageBeside(entry) : undefined;
  } catch {
    return undefined;
  }
}
