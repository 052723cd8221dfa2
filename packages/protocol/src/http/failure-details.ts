/** What a service reported about an error, beside its message. Only our engine has it. */
import { Type, type Static } from '@sinclair/typebox';
import { FailureCauseSchema, type FailureDetails } from '../messages/service-to-engine';
import { OptionalList } from '../typebox';

export const FailureDetailsViewSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'Such as `TypeError`' })),
    code: Type.Optional(Type.String()),
    details: Type.Optional(Type.Unknown({ description: 'JSON that the service added for callers' })),
    /** Each followed by its own causes, five levels deep. */
    causes: OptionalList(FailureCauseSchema),
  },
  { $id: 'FailureDetails' },
);
export type FailureDetailsView = Static<typeof FailureDetailsViewSchema>;

/** Without the members that control retries. */
export function failureDetailsView({ name, code, details, causes }: FailureDetails): FailureDetailsView {
  return {
    ...(name === undefined ? {} : { name }),
    code,
    ...(details === undefined ? {} : { details }),
    ...(causes === undefined ? {} : { causes }),
  };
}
