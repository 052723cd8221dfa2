/** The body of every error response, except those without a body (a 403, and a method that the path does not have). */
import { Type, type Static } from '@sinclair/typebox';
import { OptionalList } from '../typebox';
import { PlanProblemViewSchema } from './plan-view';

export const WireErrorBodySchema = Type.Object(
  {
    error: Type.Object({
      kind: Type.Optional(Type.String()),
      code: Type.Optional(Type.String()),
      /** The member or parameter that the error is about. */
      param: Type.Optional(Type.String()),
      message: Type.Optional(Type.String()),
      /** Our engine: every problem of a plan that was to be registered. */
      problems: OptionalList(PlanProblemViewSchema),
    }),
  },
  { $id: 'Error' },
);
export type WireErrorBody = Static<typeof WireErrorBodySchema>;
