/**
 * What `@Type`, `@Transform`, `@Expose` and `@Exclude` have recorded. class-transformer offers no public way to ask, so
 * this reads its storage file, unchanged in form since 0.3; where that file cannot be had, `@Type` counts as unknown.
 */
import { dirname, join } from 'node:path';
import type { ClassType } from '../../schema';
import { loadedCopies, type ClassTransformer } from '../validator-modules';

/** The part of class-transformer's `MetadataStorage` that is read here. */
interface Storage {
  findTypeMetadata(cls: ClassType, property: string): TypeMetadata | undefined;
  findTransformMetadatas(cls: ClassType, property: string, direction: number): readonly unknown[];
  findExposeMetadata(cls: ClassType, property: string): { options?: DirectionOptions & { name?: string } } | undefined;
  findExcludeMetadata(cls: ClassType, property: string): { options?: DirectionOptions } | undefined;
  getStrategy(cls: ClassType): 'excludeAll' | 'exposeAll' | 'none';
}

interface DirectionOptions {
  readonly toClassOnly?: boolean;
  readonly toPlainOnly?: boolean;
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

  /** Entry files of our copy and of the other one which knows the type of this property. */
  knownElsewhere(cls: ClassType, property: string): { readonly ours: string; readonly theirs: string } | undefined {
    const other = this.others.find(({ storage }) => storage.findTypeMetadata(cls, property) !== undefined);
    return other && { ours: this.file ?? 'class-transformer', theirs: other.file };
  }

  /** Whether the value is changed on the way in, so that its rules say nothing of what comes over the wire. */
  isTransformed(cls: ClassType, property: string): boolean {
    return (this.storage?.findTransformMetadatas(cls, property, PLAIN_TO_CLASS).length ?? 0) > 0;
  }

  /** Name on the wire; undefined where the property does not travel in this direction. */
  wireName(cls: ClassType, property: string, direction: Direction): string | undefined {
    if (!this.storage) return property;
    const applies = ({ toClassOnly = false, toPlainOnly = false }: DirectionOptions = {}): boolean =>
      toClassOnly === toPlainOnly || (direction === 'toClass' ? toClassOnly : toPlainOnly);
    const exclude = this.storage.findExcludeMetadata(cls, property);
    if (exclude && applies(exclude.options)) return undefined;
    const expose = this.storage.findExposeMetadata(cls, property);
    const exposed = expose !== undefined && applies(expose.options);
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

/** Where the module cache does not list the entry, as under some test runners and loaders. */
function installedStorage(module: ClassTransformer): Storage | undefined {
  try {
    const entry = require.resolve('class-transformer');
    return require(entry) === module ? storageBeside(entry) : undefined;
  } catch {
    return undefined;
  }
}
