/** The body of `GET /health`: an empty object, as on the Go engine. */
import { Type } from '@sinclair/typebox';

export const HealthSchema = Type.Object(
  {},
  { $id: 'Health', additionalProperties: false, description: 'The engine is up; an empty object' },
);
