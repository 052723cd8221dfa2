/** Bodies of `POST /register/project`, `/register/service` and `/register/agent`: protocol page, sections 1.4 and 2. */
import { Type, type Static } from '@sinclair/typebox';
import { EngineCapabilitiesSchema } from '../capabilities';
import { ProjectSettingsSchema } from './settings';
import { OptionalNullable } from '../typebox';

export const ServiceRegistrationSchema = Type.Object(
  {
    /** Absent, null or blank: a new registration; else an update of that service. */
    id: OptionalNullable(Type.String()),
    name: OptionalNullable(Type.String()),
    description: OptionalNullable(Type.String()),
    /** Checked by `schemaProblems`, which words its findings as the original does. */
    schema: OptionalNullable(Type.Record(Type.String(), Type.Unknown())),
    revertible: OptionalNullable(Type.Boolean()),
    version: OptionalNullable(Type.Number()),
    /** SDKs of ours: see `SDK_CAPABILITIES`. */
    capabilities: OptionalNullable(Type.Array(Type.String())),
    /** `name`: answer with the id this name already has in the project. */
    identity: OptionalNullable(Type.String()),
    /** SDKs of ours: longest run of one attempt, in milliseconds. */
    timeoutMs: OptionalNullable(Type.Number({ exclusiveMinimum: 0 })),
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
    /** Our engine: those that differ from the defaults. */
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
