/**
 * Loads class-validator and class-transformer when the first DTO class is found. Both are optional, so their types are
 * declared here and not imported. A copy that is already loaded is preferred, because the decorators of the DTO have
 * written their records to it.
 */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';
import type { ClassTransformerStorage } from './dto/transformer-records';

/** The class of a rule in class-validator, which types it as `Function`. */
export type RuleClass = ClassType;

/** The part of class-validator that is used. */
export interface ClassValidator {
  readonly validate: (object: object, options: object) => Promise<ClassValidatorError[]>;
  readonly validateSync: (object: object, options: object) => ClassValidatorError[];
  readonly getMetadataStorage: () => {
    getTargetValidationMetadatas(cls: ClassType, schema: string, always: boolean, strictGroups: boolean): unknown[];
    getTargetValidatorConstraints(cls: RuleClass): {
      instance: { validate(value: unknown, args?: object): Promise<boolean> | boolean };
    }[];
  };
}

export interface ClassValidatorError {
  /** Undefined at run time if the whole value was refused. */
  readonly property: string;
  readonly target?: object;
  readonly constraints?: { readonly [rule: string]: string };
  readonly children?: readonly ClassValidatorError[];
}

/** The part of class-transformer that is used. */
export interface ClassTransformer {
  plainToInstance(cls: new () => object, plain: object): object;
  instanceToPlain(instance: object): unknown;
  readonly Type: (type: () => ClassType) => PropertyDecorator;
  readonly Transform: (transform: (params: { readonly value: unknown }) => unknown) => PropertyDecorator;
  readonly Expose: () => PropertyDecorator;
  readonly Exclude: () => PropertyDecorator;
}

/**
 * The module objects of the application, for package managers and bundlers that would create another copy: what
 * `import * as classTransformer from 'class-transformer'` or its default import returns.
 */
export interface ValidatorModules {
  readonly classValidator?: ClassValidator | undefined;
  readonly classTransformer?: ClassTransformer | undefined;
  /** `defaultMetadataStorage` of `class-transformer/cjs/storage`, for a version whose decorators cannot be observed. */
  readonly classTransformerStorage?: ClassTransformerStorage | undefined;
}

export interface LoadedValidatorModules {
  readonly classValidator: ClassValidator;
  readonly classTransformer: ClassTransformer;
  readonly classTransformerStorage: ClassTransformerStorage | undefined;
}

/**
 * @throws OrraError `ORRA_MISSING_PEER` with the name of the missing package
 */
export function loadValidatorModules({
  classValidator,
  classTransformer,
  classTransformerStorage,
}: ValidatorModules = {}): LoadedValidatorModules {
  return {
    classValidator: commonJsExports(classValidator) ?? load('class-validator', () => require('class-validator')),
    classTransformer:
      commonJsExports(classTransformer) ?? load('class-transformer', () => require('class-transformer')),
    classTransformerStorage,
  };
}

/** In ES modules, `import * as` may have all exports in its `default` member only. */
function commonJsExports<M extends object>(module: M | undefined): M | undefined {
  const { default: exported } = (module ?? {}) as { readonly default?: M };
  return exported ?? module;
}

/** `require` names its package literally, so that a bundler includes the copy that the application uses. */
function load<M>(name: 'class-validator' | 'class-transformer', requirePackage: () => unknown): M {
  const [loaded] = loadedCopies(name);
  try {
    return (loaded === undefined ? requirePackage() : require(loaded)) as M;
  } catch (cause) {
    throw sdkError('ORRA_MISSING_PEER', `classes as input and output require ${name}, which is not installed`, {
      cause,
      details: { package: name },
    });
  }
}

/** Returns the entry files of all loaded copies of a package. */
export function loadedCopies(name: string): string[] {
  const entry = new RegExp(`[\\\\/]${name}[\\\\/]cjs[\\\\/]index\\.js$`);
  return Object.keys(require.cache).filter((file) => entry.test(file));
}
