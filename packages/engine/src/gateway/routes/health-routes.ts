/** `GET /health`. */
import { CAPABILITIES_HEADER, HealthSchema, encodeCapabilities, type EngineCapabilities } from '@orra-ts/protocol';
import { defineRoute, json } from '../http/route';

/** Capabilities that an SDK needs to know before it registers a service. */
const BEFORE_REGISTRATION = encodeCapabilities([
  'identityByName',
  'jsonSchemas',
] satisfies (keyof EngineCapabilities)[]);

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/health',
    summary: 'Whether the engine is up',
    access: 'public',
    responses: { 200: json(HealthSchema, 'The engine is up') },
    handler: () => ({ status: 200, headers: { [CAPABILITIES_HEADER]: BEFORE_REGISTRATION }, body: {} }),
  }),
];
