/** Checks requests against the limits (E8). The errors name the member, its size and the limit. */
import type { DefinedPlan, ProjectRegistration, ServiceRegistration } from '@orra-ts/protocol';
import { JsonSizes } from '../domain/json-size';
import {
  ADDITIONAL_KEYS_MAX,
  ADDITIONAL_KEY_MAX_LENGTH,
  ADDITIONAL_KEY_MIN_LENGTH,
  DEFINED_PLAN_MAX_BYTES,
  DESCRIPTION_MAX_LENGTH,
  METADATA_MAX_BYTES,
  PROJECT_NAME_MAX_LENGTH,
  SERVICE_CAPABILITIES_MAX_BYTES,
  SERVICE_SCHEMA_MAX_BYTES,
  WEBHOOK_URL_MAX_LENGTH,
} from '../domain/limits';
import { engineError } from '../errors';

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
function checkLimit(param: string, size: number, max: number, unit: string): void {
  if (size <= max) return;
  throw engineError('ORRA_LIMIT_EXCEEDED', `${param}: has ${size} ${unit}, the maximum is ${max}`, {
    details: { param, size, max },
  });
}

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` when the project has the maximum already */
export function checkRoom(what: string, count: number, max: number): void {
  if (count < max) return;
  throw engineError('ORRA_LIMIT_EXCEEDED', `${what}: the project has ${count}, the maximum is ${max}`, {
    details: { param: what, size: count, max },
  });
}

const checkLength = (param: string, text: string | null | undefined, max: number): void =>
  checkLimit(param, text?.length ?? 0, max, 'characters');

const checkBytes = (param: string, value: unknown, max: number): void =>
  checkLimit(param, value === undefined ? 0 : new JsonSizes().of(value), max, 'bytes as JSON');

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
export function checkProjectLimits({ name, webhooks, compensationFailureWebhooks }: ProjectRegistration): void {
  checkLength('name', name, PROJECT_NAME_MAX_LENGTH);
  for (const [param, urls] of Object.entries({ webhooks, compensationFailureWebhooks })) {
    urls?.forEach((url, index) => checkLength(`${param}[${index}]`, url, WEBHOOK_URL_MAX_LENGTH));
  }
}

/** Keys that a caller chooses. @throws OrraError `ORRA_LIMIT_EXCEEDED` */
export function checkAdditionalKeys(keys: readonly string[]): void {
  checkLimit('additionalAPIKeys', keys.length, ADDITIONAL_KEYS_MAX, 'keys');
  for (const [index, { length }] of keys.entries()) {
    const param = `additionalAPIKeys[${index}]`;
    checkLimit(param, length, ADDITIONAL_KEY_MAX_LENGTH, 'characters');
    if (length >= ADDITIONAL_KEY_MIN_LENGTH) continue;
    throw engineError(
      'ORRA_LIMIT_EXCEEDED',
      `${param}: has ${length} characters, the minimum is ${ADDITIONAL_KEY_MIN_LENGTH}; leave it out to use the generated key`,
      { details: { param, size: length, min: ADDITIONAL_KEY_MIN_LENGTH } },
    );
  }
}

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
export function checkServiceLimits({ description, schema, capabilities }: ServiceRegistration): void {
  checkLength('description', description, DESCRIPTION_MAX_LENGTH);
  checkBytes('schema', schema, SERVICE_SCHEMA_MAX_BYTES);
  checkBytes('capabilities', capabilities, SERVICE_CAPABILITIES_MAX_BYTES);
}

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
export function checkPlanLimits(plan: DefinedPlan): void {
  checkLength('description', plan.description, DESCRIPTION_MAX_LENGTH);
  checkBytes('plan', plan, DEFINED_PLAN_MAX_BYTES);
}

/** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
export const checkMetadata = (metadata: unknown): void => checkBytes('metadata', metadata, METADATA_MAX_BYTES);
