/**
 * Loads class-validator and class-transformer when the first DTO class is found. Both are optional, so their types are
 * declared here and not imported. A copy that is already loaded is preferred, because the decorators of the DTO have
 * written their records to it.
 */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';

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
}

/** The module objects of the application, for package managers and bundlers that would create another copy. */
export interface ValidatorModules {
  readonly classValidator?: ClassValidator;
  readonly classTransformer?: ClassTransformer;
}

export type LoadedValidatorModules = Required<ValidatorModules>;

/**
 * @throws OrraError `ORRA_MISSING_PEER` with the name of the missing package
 */
export function loadValidatorModules(validatorModules: ValidatorModules = {}): LoadedValidatorModules {
  return {
    classValidator: validatorModules.classValidator ?? load<ClassValidator>('class-validator'),
    classTransformer: validatorModules.classTransformer ?? load<ClassTransformer>('class-transformer'),
  };
}

function load<M>(name: 'class-validator' | 'class-transformer'): M {
  const [loaded] = loadedCopies(name);
  try {
    return require(loaded ?? name) as M;
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
