/** Views of a project that only our engine has: `GET /services`, and `GET` and `PUT /plans`. */
import { Type, type Static } from '@sinclair/typebox';
import { DefinedPlanSchema } from '../plan';
import { JsonSchemasSchema, SERVICE_KINDS } from './registration';
import { ServiceSchemaSchema } from '../spec';
import { List, Literals, OptionalList, Timestamp } from '../typebox';
import { PlanProblemViewSchema } from './plan-view';

export const ServiceViewSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    type: Literals(SERVICE_KINDS),
    description: Type.String(),
    /** Starts at 1; each registration that changes the service increments it. */
    version: Type.Integer({ minimum: 1 }),
    revertible: Type.Boolean(),
    schema: ServiceSchemaSchema,
    /** The full JSON Schemas, if `schema` cannot express everything and they are not too large. */
    jsonSchema: Type.Optional(JsonSchemasSchema),
    /** Parts of the schema that only the service checks, one sentence each. */
    leftToService: OptionalList(Type.String()),
    /** Longest run of one attempt that its handler declares. */
    timeoutMs: Type.Optional(Type.Number()),
    /** Capabilities that its SDK announced with the newest registration, such as `task-meta`. */
    capabilities: OptionalList(Type.String()),
    /** Open sockets; at 0 its tasks wait. */
    connections: Type.Integer({ minimum: 0 }),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
  },
  { $id: 'ServiceView' },
);
export type ServiceView = Static<typeof ServiceViewSchema>;

export const ServiceListSchema = List(ServiceViewSchema);

/** One version of a plan; it never changes. */
export const PlanVersionViewSchema = Type.Object(
  {
    ...DefinedPlanSchema.properties,
    /** Starts at 1 for each name and is never reused. */
    version: Type.Integer({ minimum: 1 }),
    createdAt: Timestamp(),
    /** Set when the plan was removed while this was its newest version. */
    retiredAt: Type.Optional(Timestamp()),
  },
  { $id: 'PlanVersion' },
);
export type PlanVersionView = Static<typeof PlanVersionViewSchema>;

/** The newest version of a plan, checked against the services that are registered now. */
export const DefinedPlanViewSchema = Type.Object(
  {
    ...PlanVersionViewSchema.properties,
    /** Changes of its services that break what it relies on: matching actions are rejected. Absent: there are none. */
    stale: OptionalList(PlanProblemViewSchema),
    /** Problems that prevent it from running with these services, regardless of the data. Absent: there are none. */
    problems: OptionalList(PlanProblemViewSchema),
  },
  { $id: 'DefinedPlanView' },
);
export type DefinedPlanView = Static<typeof DefinedPlanViewSchema>;

export const DefinedPlanListSchema = List(DefinedPlanViewSchema);

/** Response of `PUT /plans/{name}`. */
export const PlanRegisteredViewSchema = Type.Object(
  {
    ...DefinedPlanViewSchema.properties,
    /** The same plan was registered before; absent: this is a new version. */
    unchanged: Type.Optional(Type.Literal(true)),
  },
  { $id: 'PlanRegistered' },
);
export type PlanRegisteredView = Static<typeof PlanRegisteredViewSchema>;

/** Response of `GET /plans/{name}`. */
export const DefinedPlanDetailsSchema = Type.Object(
  {
    ...DefinedPlanViewSchema.properties,
    /** Newest first, at most 100. */
    versions: List(PlanVersionViewSchema),
  },
  { $id: 'DefinedPlanDetails' },
);
export type DefinedPlanDetails = Static<typeof DefinedPlanDetailsSchema>;
