import { requireLegacy } from './require-legacy';
import { recordField, type FieldRecord } from '../metadata/records';

/** Documentation of a property, beside its validation rules. */
export type FieldOptions = FieldRecord;

/**
 * Describes a property of a DTO for the planner, which fills it by this description, and for readers of the schema.
 *
 * @example
 * `@IsString() @Field({ description: 'Product to hold', example: 'sku-17' }) productId!: string;`
 */
export function Field(options: FieldOptions): (target: object, field: string | symbol) => void {
  return (target, field) => {
    requireLegacy('@Field', field);
    recordField(target, field, options);
  };
}

/** `@Field` with a description alone. */
export const Describe = (description: string): ((target: object, field: string | symbol) => void) =>
  Field({ description });
