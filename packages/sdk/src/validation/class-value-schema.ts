/**
 * Values of DTO classes. Input: structural check, unknown members, instance, class-validator. Output: plain JSON,
 * structural check, unknown members, class-validator on the value that would be received.
 */
import { OrraError, callMaybeAsync, describeThrown } from '@orra-ts/common';
import type { Checked, ValueSchema, Violation } from './value-schema';
import { dtoSchema, type DtoSchema } from '../schema/dto/dto-schema';
import { TransformerMetadata } from '../schema/dto/transformer-metadata';
import type { ClassType } from '../schema';
import { joinPath } from './ajv';
import { classOutput } from './class-output';
import { knownFields } from './json-value-schema';
import {
  loadValidatorModules,
  type ClassValidatorError,
  type LoadedValidatorModules,
} from '../schema/validator-modules';
import { compileSchema, buildSpec, type ValueSchemaOptions } from './prepare';

export function classValueSchema(cls: ClassType, options: ValueSchemaOptions): ValueSchema | undefined {
  const { side, validation, report } = options;
  let validatorModules: LoadedValidatorModules;
  try {
    validatorModules = loadValidatorModules(options.validatorModules);
  } catch (error) {
    const message = error instanceof OrraError ? error.message : describeThrown(error);
    report({ field: side, message, fix: 'npm install class-validator class-transformer' });
    return undefined;
  }
  const transformer = TransformerMetadata.of(validatorModules);
  const direction = side === 'input' ? 'toClass' : 'toPlain';
  const schema = dtoSchema(cls, { validatorModules, transformer, direction, validation });
  for (const { at, message, fix } of schema.problems) report({ field: `${side} ${at}`, message, fix });
  for (const { at, message, fix } of schema.warnings) options.warn?.({ field: at, message, fix });
  if (schema.problems.length > 0) return undefined;
  const check = compileSchema(schema.check, 'dates', options);
  // The description is compiled too, because others may check values against it.
  const result = check && compileSchema(schema.described, 'none', options) && buildSpec(schema.described, options);
  if (!result) return undefined;

  const dto = new DtoValidator(cls, validatorModules, transformer, schema, validation);
  const known = knownFields(schema.described, options);
  return Object.freeze<ValueSchema>({
    jsonSchema: schema.described,
    spec: result.spec,
    unsupportedKeywords: result.unsupportedKeywords,
    leftToService: result.leftToService,
    acceptsEmptyObject: check({}) === undefined,
    accept(value) {
      const violations = check(value);
      if (violations) return { ok: false, violations };
      const trimmed = known(value);
      return trimmed.ok ? dto.instantiateAndValidate(trimmed.value) : trimmed;
    },
    emit(value) {
      const plain = classOutput(value, cls, { transformer, classTransformer: validatorModules.classTransformer });
      if ('violations' in plain) return { ok: false, violations: plain.violations };
      const violations = check(plain.value);
      if (violations) return { ok: false, violations };
      const sent = known(plain.value);
      return sent.ok ? dto.validateOutput(sent) : sent;
    },
    revive: (value) => dto.revive(value),
  });
}

class DtoValidator {
  constructor(
    private readonly cls: ClassType,
    private readonly validatorModules: LoadedValidatorModules,
    private readonly transformer: TransformerMetadata,
    private readonly schema: DtoSchema,
    private readonly validation: 'full' | 'schema',
  ) {}

  /** Creates an instance and, unless `validation` is `schema`, validates it. Returns the instance. */
  instantiateAndValidate(plain: unknown): Checked | Promise<Checked> {
    return this.validate(() => this.instantiate(plain), false);
  }

  private validate(instantiate: () => object, isOutput: boolean): Checked | Promise<Checked> {
    let instance: object;
    try {
      instance = instantiate();
    } catch (thrown) {
      const message = `it cannot be converted to ${this.cls.name}: ${describeThrown(thrown)}`;
      return { ok: false, violations: [{ path: '', message, thrown }] };
    }
    if (this.validation === 'schema') return { ok: true, value: instance };
    const { validate, validateSync } = this.validatorModules.classValidator;
    const options = { forbidUnknownValues: true, validationError: { target: isOutput, value: false } };
    // An output does not contain its excluded members.
    const sent = (errors: readonly ClassValidatorError[]) => (isOutput ? this.withoutExcluded(errors) : errors);
    try {
      if (!this.schema.mayBeAsync) return toChecked(instance, sent(validateSync(instance, options)));
      return validate(instance, options).then((errors) => toChecked(instance, sent(errors)));
    } catch (thrown) {
      // The same value would throw again. A rejected promise may be temporary, so the caller decides about it.
      const message = `a rule of ${this.cls.name} threw: ${describeThrown(thrown)}`;
      return { ok: false, violations: [{ path: '', message, thrown }] };
    }
  }

  private withoutExcluded(errors: readonly ClassValidatorError[]): readonly ClassValidatorError[] {
    return errors.flatMap((error) => {
      const cls = error.target?.constructor as ClassType | undefined;
      const isExcluded = cls && this.transformer.wireName(cls, error.property, 'toPlain') === undefined;
      if (isExcluded) return [];
      const children = this.withoutExcluded(error.children ?? []);
      const isEmpty = children.length === 0 && Object.keys(error.constraints ?? {}).length === 0;
      return isEmpty ? [] : [{ ...error, children }];
    });
  }

  /**
   * Validates a plain output and returns it as it is. The rules of a member that is transformed in both directions apply to
   * what is sent, or to what a receiver of the class makes of it: a transformation may produce either.
   */
  validateOutput(output: Valid): Checked | Promise<Checked> {
    if (this.validation === 'schema') return output;
    const validate = (plain: () => object) => this.validate(plain, true);
    const asReceived = (): object => this.instantiate(output.value);
    return callMaybeAsync(
      () => validate(asReceived),
      (received) => {
        if (received.ok) return output;
        let asSent: object | undefined;
        try {
          asSent = this.transformer.withoutRepeats(asReceived);
        } catch {
          // A transformation for this direction alone fails too, as `received` reports.
        }
        if (!asSent) return received;
        const instance = asSent;
        return callMaybeAsync(
          () => validate(() => instance),
          (sent) => (sent.ok ? output : sent),
        );
      },
    );
  }

  revive(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    try {
      return this.instantiate(value);
    } catch {
      return value;
    }
  }

  private instantiate(plain: unknown): object {
    // Not structuredClone, whose objects belong to another realm in jest, where `instanceof Object` of
    // class-transformer fails.
    const given = this.schema.mutatesInput ? (JSON.parse(JSON.stringify(plain)) as unknown) : plain;
    return this.validatorModules.classTransformer.plainToInstance(this.cls as new () => object, given as object);
  }
}

type Valid = Extract<Checked, { ok: true }>;

function toChecked(instance: object, errors: readonly ClassValidatorError[]): Checked {
  if (errors.length === 0) return { ok: true, value: instance };
  return { ok: false, violations: errors.flatMap((error) => violationsOf(error, '')) };
}

function violationsOf(error: ClassValidatorError, parent: string): Violation[] {
  // The property is undefined if the whole value was refused.
  const property = error.property as string | undefined;
  const path = property === undefined ? parent : joinPath(parent, property);
  const own = Object.values(error.constraints ?? {}).map((text) => ({
    path,
    // The path already contains it.
    message: property !== undefined && text.startsWith(`${property} `) ? text.slice(property.length + 1) : text,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => violationsOf(child, path))];
}
