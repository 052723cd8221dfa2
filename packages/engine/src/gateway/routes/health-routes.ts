/** `GET /health`. */
import { HealthSchema } from '@orra-ts/protocol';
import { defineRoute, json } from '../http/route';

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/health',
    summary: 'Whether the engine is up',
    access: 'public',
    responses: { 200: json(HealthSchema, 'The engine is up') },
    handler: () => ({ status: 200, body: {} }),
  }),
];
