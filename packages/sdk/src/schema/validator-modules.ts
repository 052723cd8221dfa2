/**
 * class-validator and class-transformer, loaded when the first DTO class is met and not before: both are optional, so
 * their types are described here rather than imported. The copy that is loaded already is preferred, for it is the one
 * which the DTO's decorators wrote to.
 */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';

/** The class in which class-validator keeps a rule; typed there as `Function`. */
export type RuleClass = ClassType;

/** What is used of class-validator. */
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
  /** Undefined at run time where a whole value was refused. */
  readonly property: string;
  readonly constraints?: { readonly [rule: string]: string };
  readonly children?: readonly ClassValidatorError[];
}

/** What is used of class-transformer. */
export interface ClassTransformer {
  plainToInstance(cls: new () => object, plain: object): object;
  instanceToPlain(instance: object): unknown;
}

/** The application's own module objects, for package managers and bundlers with which ours would be another copy. */
export interface ValidatorModules {
  readonly classValidator?: ClassValidator;
  readonly classTransformer?: ClassTransformer;
}

export type LoadedValidatorModules = Required<ValidatorModules>;

/**
 * @throws OrraError `ORRA_MISSING_PEER` naming what to install
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

/** Entry files of all copies of a package that this process has loaded. */
export function loadedCopies(name: string): string[] {
  const entry = new RegExp(`[\\\\/]${name}[\\\\/]cjs[\\\\/]index\\.js$`);
  return Object.keys(require.cache).filter((file) => entry.test(file));
}
