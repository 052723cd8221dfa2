/** Fields of a class that no rule of class-validator mentions. They are not part of the schema, often by mistake. */
import type { ClassType } from '../../schema';
import type { TransformerMetadata } from './transformer-metadata';

/**
 * Finds fields that the constructor creates and those with `@Expose`; TypeScript leaves no trace of other fields.
 * Excluded fields and functions are not sent.
 */
export function unruledFields(
  cls: ClassType,
  instance: Readonly<Record<string, unknown>>,
  transformer: TransformerMetadata,
): readonly string[] {
  const created = Object.keys(instance).filter((name) => typeof instance[name] !== 'function');
  return [...new Set([...created, ...transformer.exposedProperties(cls)])].filter((name) =>
    (['toClass', 'toPlain'] as const).some((direction) => transformer.wireName(cls, name, direction) !== undefined),
  );
}
