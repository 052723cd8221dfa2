/**
 * What two requests must have in common for one plan to do for both: the action's words, the submitted fields and their
 * types, every service with its schema, the grounding, the model and the prompt. Values belong to it only where the model
 * is shown them.
 */
import { createHash } from 'node:crypto';
import type { PlannableService } from '../../domain/plan-validation';
import { canonicalText } from '../action-text';
import { typeOfValue } from '../model/describe-spec';
import { PROMPT_VERSION } from '../model/prompt';
import type { PlanRequest } from '../planner';

export interface PlanKeyContext {
  readonly model: string;
  readonly includeValues: boolean;
}

export function planKey(request: PlanRequest, { model, includeValues }: PlanKeyContext): string {
  const { action, data, services, grounding } = request;
  const fields = [...(data ?? [])]
    .sort((a, b) => (a.field < b.field ? -1 : 1))
    .map(({ field, value }) => [field, typeOfValue(value), ...(includeValues ? [value] : [])]);
  return hashOf([
    PROMPT_VERSION,
    model,
    canonicalText(action).text,
    fields,
    servicesHash(services),
    grounding ? [grounding.name, grounding.version, grounding.useCase, grounding.constraints] : null,
  ]);
}

/** A project's list stays the same one until a service of it is registered. */
const hashes = new WeakMap<readonly PlannableService[], string>();

function servicesHash(services: readonly PlannableService[]): string {
  let hash = hashes.get(services);
  if (hash === undefined) {
    hash = hashOf(
      services.map(({ id, name, description, schema, revertible }) => [id, name, description, schema, revertible]),
    );
    hashes.set(services, hash);
  }
  return hash;
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
