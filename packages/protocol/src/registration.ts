/** Bodies of `POST /register/project`, `/register/service` and `/register/agent`: protocol page, sections 1.4 and 2. */
import { Type, type Static } from '@sinclair/typebox';
import { EngineCapabilitiesSchema } from './capabilities';
import { ProjectSettingsSchema } from './http/settings';

const Nullable = <T extends import('@sinclair/typebox').TSchema>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

export const ServiceRegistrationSchema = Type.Object({
  /** Absent, null or blank: a new registration; else an update of that service. */
  id: Nullable(Type.String()),
  name: Nullable(Type.String()),
  description: Nullable(Type.String()),
  /** Checked by `schemaProblems`, which words its findings as the original does. */
  schema: Nullable(Type.Record(Type.String(), Type.Unknown())),
  revertible: Nullable(Type.Boolean()),
  version: Nullable(Type.Number()),
  /** SDKs of ours: see `SDK_CAPABILITIES`. */
  capabilities: Nullable(Type.Array(Type.String())),
  /** `name`: answer with the id this name already has in the project. */
  identity: Nullable(Type.String()),
  /** SDKs of ours: longest run of one attempt, in milliseconds. */
  timeoutMs: Nullable(Type.Number({ exclusiveMinimum: 0 })),
});
export type ServiceRegistration = Static<typeof ServiceRegistrationSchema>;

export const ServiceRegisteredSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Type.String(),
  revertible: Type.Optional(Type.Boolean()),
  status: Type.Optional(Type.String()),
  version: Type.Integer(),
  capabilities: Type.Optional(EngineCapabilitiesSchema),
});
export type ServiceRegistered = Static<typeof ServiceRegisteredSchema>;

export const ProjectRegistrationSchema = Type.Object({
  name: Nullable(Type.String()),
  webhooks: Nullable(Type.Array(Type.String())),
  compensationFailureWebhooks: Nullable(Type.Array(Type.String())),
  additionalAPIKeys: Nullable(Type.Array(Type.String())),
  /** Our engine: those that differ from the defaults. */
  settings: Nullable(ProjectSettingsSchema),
});
export type ProjectRegistration = Static<typeof ProjectRegistrationSchema>;

export const ProjectRegisteredSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Type.String(),
  apiKey: Type.String({ minLength: 1 }),
  additionalAPIKeys: Nullable(Type.Array(Type.String())),
  webhooks: Nullable(Type.Array(Type.String())),
  compensationFailureWebhooks: Nullable(Type.Array(Type.String())),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
export type ProjectRegistered = Static<typeof ProjectRegisteredSchema>;

export type ServiceKind = 'service' | 'agent';
