/** Bodies of `POST /register/project`, `/register/service` and `/register/agent`. */
import { Type, type Static } from '@sinclair/typebox';
import { EngineCapabilitiesSchema } from '../capabilities';
import { ProjectSettingsSchema } from './settings';
import { OptionalNullable } from '../typebox';

/** The full JSON Schemas of a service, draft 2020-12. */
export const JsonSchemasSchema = Type.Object({
  input: Type.Record(Type.String(), Type.Unknown()),
  output: Type.Record(Type.String(), Type.Unknown()),
});
export type JsonSchemas = Static<typeof JsonSchemasSchema>;

export const ServiceRegistrationSchema = Type.Object(
  {
    /** Id of the service to update. Absent, null or blank: a new registration. */
    id: OptionalNullable(Type.String()),
    name: OptionalNullable(Type.String()),
    description: OptionalNullable(Type.String()),
    /** Checked by `schemaProblems`, with the messages of the Go engine. */
    schema: OptionalNullable(Type.Record(Type.String(), Type.Unknown())),
    /**
     * Our SDK, if `schema` cannot express everything: the full JSON Schemas, for planners. At most
     * `JSON_SCHEMA_MAX_BYTES` as JSON; a larger one is ignored.
     */
    jsonSchema: OptionalNullable(JsonSchemasSchema),
    /** Our SDK: parts of the schema that only the service checks, one sentence each. */
    leftToService: OptionalNullable(Type.Array(Type.String())),
    revertible: OptionalNullable(Type.Boolean()),
    version: OptionalNullable(Type.Number()),
    /** Our SDK: see `SDK_CAPABILITIES`. */
    capabilities: OptionalNullable(Type.Array(Type.String())),
    /** `name`: the response has the id that this name already has in the project. */
    identity: OptionalNullable(Type.String()),
    /** Our SDK: timeout of one attempt, in milliseconds. */
    timeoutMs: OptionalNullable(Type.Number({ exclusiveMinimum: 0 })),
    /** Our SDK: time to live of a revert without output, in milliseconds after the end of the orchestration. */
    revertTtlMs: OptionalNullable(Type.Number({ exclusiveMinimum: 0 })),
  },
  { $id: 'ServiceRegistration' },
);
export type ServiceRegistration = Static<typeof ServiceRegistrationSchema>;

export const ServiceRegisteredSchema = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    name: Type.String(),
    revertible: Type.Optional(Type.Boolean()),
    status: Type.Optional(Type.String()),
    version: Type.Integer(),
    capabilities: Type.Optional(EngineCapabilitiesSchema),
  },
  { $id: 'ServiceRegistered' },
);
export type ServiceRegistered = Static<typeof ServiceRegisteredSchema>;

export const ProjectRegistrationSchema = Type.Object(
  {
    name: OptionalNullable(Type.String()),
    webhooks: OptionalNullable(Type.Array(Type.String())),
    compensationFailureWebhooks: OptionalNullable(Type.Array(Type.String())),
    additionalAPIKeys: OptionalNullable(Type.Array(Type.String())),
    /** Our engine: the settings that differ from the defaults. */
    settings: OptionalNullable(ProjectSettingsSchema),
  },
  { $id: 'ProjectRegistration' },
);
export type ProjectRegistration = Static<typeof ProjectRegistrationSchema>;

export const ProjectRegisteredSchema = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    name: Type.String(),
    apiKey: Type.String({ minLength: 1 }),
    additionalAPIKeys: OptionalNullable(Type.Array(Type.String())),
    webhooks: OptionalNullable(Type.Array(Type.String())),
    compensationFailureWebhooks: OptionalNullable(Type.Array(Type.String())),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  { $id: 'ProjectRegistered' },
);
export type ProjectRegistered = Static<typeof ProjectRegisteredSchema>;

/** Response of `POST /apikeys`. */
export const ApiKeyAddedSchema = Type.Object({ apiKey: Type.String() }, { $id: 'ApiKeyAdded' });

export const SERVICE_KINDS = ['service', 'agent'] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];
