/** Readers of request bodies. Compatible routes follow the rules of the Go engine; our own routes are strict. */
import type { Static, TSchema } from '@sinclair/typebox';
import {
  DefinedPlanSchema,
  GroundingSchema,
  ProjectRegistrationSchema,
  ProjectSettingsSchema,
  ResolutionSchema,
  ServiceRegistrationSchema,
  SubmissionSchema,
  WebhookSchema,
} from '@orra-ts/protocol';
import {
  decodeGrounding,
  decodeProject,
  decodeReason,
  decodeService,
  decodeSubmission,
  decodeWebhook,
} from './compatible-bodies';
import type { BodyContract } from './route';
import { decodeStrictly } from './strict-body';

const compatible = <B>(schema: TSchema, decode: (text: string) => B): BodyContract<B> => ({ schema, decode });

export const projectBody = compatible(ProjectRegistrationSchema, decodeProject);
export const serviceBody = compatible(ServiceRegistrationSchema, decodeService);
export const submissionBody = compatible(SubmissionSchema, decodeSubmission);
export const webhookBody = compatible(WebhookSchema, decodeWebhook);
export const groundingBody = compatible(GroundingSchema, decodeGrounding);
export const reasonBody = compatible(ResolutionSchema, decodeReason);

/** As `reasonBody`, or no body at all. */
export const optionalReasonBody: BodyContract<string | undefined> = {
  ...reasonBody,
  required: false,
  decode: (text) => (text.trim() === '' ? undefined : decodeReason(text)),
};

const strict = <S extends TSchema>(schema: S): BodyContract<Static<S>> => ({
  schema,
  decode: (text) => decodeStrictly(schema, text),
});

export const settingsBody = strict(ProjectSettingsSchema);
export const definedPlanBody = strict(DefinedPlanSchema);
