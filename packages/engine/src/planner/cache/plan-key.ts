/**
 * Computes what two requests must have in common to share one plan: the action's words, the submitted fields and their
 * types, every service with its schema, the grounding, the model and the prompt. Values are part of the key only if the
 * model sees them.
 */
import { createHash } from 'node:crypto';
import { typeOfValue } from '../model/describe-spec';
import { PROMPT_VERSION } from '../model/prompt';
import type { PlanRequest } from '../planner';
import type { PlannableService } from '../../domain/plan/plan-services';
import { canonicalText } from '../../domain/plan/canonical-text';

export interface PlanKeyContext {
  readonly model: string;
  readonly includeValues: boolean;
}

export interface PlanKeys {
  /** Key of plans that take every value from the data. */
  readonly general: string;
  /** Key of plans with literal values. It contains the exact action, because the values may come from its words. */
  readonly verbatim: string;
}

export function planKeys(request: PlanRequest, { model, includeValues }: PlanKeyContext): PlanKeys {
  const { action, data, services, grounding } = request;
  const fields = [...(data ?? [])]
    .sort((a, b) => (a.field < b.field ? -1 : 1))
    .map(({ field, value }) => [field, typeOfValue(value), ...(includeValues ? [value] : [])]);
  const general = hashOf([
    PROMPT_VERSION,
    model,
    canonicalText(action).text,
    fields,
    servicesHash(services),
    grounding ? [grounding.name, grounding.version, grounding.useCase, grounding.constraints] : null,
  ]);
  return { general, verbatim: hashOf([general, action]) };
}

/** Identifies requests that are identical, including their data. */
export const requestKey = ({ verbatim }: PlanKeys, { data }: PlanRequest): string => hashOf([verbatim, data]);

/** A project's list keeps its identity until a service of the project is registered. */
const hashes = new WeakMap<readonly PlannableService[], string>();

function servicesHash(services: readonly PlannableService[]): string {
  let hash = hashes.get(services);
  if (hash === undefined) {
    hash = hashOf(
      services.map(({ id, name, description, schema, jsonSchema, revertible }) => [
        id,
        name,
        description,
        schema,
        jsonSchema,
        revertible,
      ]),
    );
    hashes.set(services, hash);
  }
  return hash;
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
