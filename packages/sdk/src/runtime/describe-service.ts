/** What `app.describe()` returns. */
import type { ServiceKind, Spec } from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import type { ValueSchema } from '../validation/value-schema';

export interface SideDescription {
  /** JSON Schema of the values, draft 2020-12. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** Schema in the registration, which engines check. It may accept more values than the JSON Schema, never fewer. */
  readonly spec: Spec;
  /** Parts of the schema that no engine checks, one sentence each. The service checks them. */
  readonly leftToService: readonly string[];
}

export interface ServiceDescription {
  /** Name on the wire. */
  readonly name: string;
  readonly kind: ServiceKind;
  readonly description: string;
  readonly revertible: boolean;
  readonly input: SideDescription;
  readonly output: SideDescription;
}

export interface AppDescription {
  readonly services: readonly ServiceDescription[];
}

export function describeService({
  name,
  kind,
  description,
  revert,
  input,
  output,
}: ServiceDefinition): ServiceDescription {
  const side = ({ jsonSchema, spec, leftToService }: ValueSchema): SideDescription => ({
    jsonSchema,
    spec,
    leftToService,
  });
  return { name, kind, description, revertible: revert !== undefined, input: side(input), output: side(output) };
}
