/** Groundings: what a project's actions mean, for planners and their checks. Protocol page, section 9.1. */
import { Type, type Static } from '@sinclair/typebox';
import { nameProblem } from '../limits';

const Nullable = <T extends import('@sinclair/typebox').TSchema>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

const GroundingUseCaseSchema = Type.Object({
  /** With `{params}`. */
  action: Nullable(Type.String()),
  /** An example value for every param. */
  params: Nullable(Type.Record(Type.String(), Type.String())),
  capabilities: Nullable(Type.Array(Type.String())),
  intent: Nullable(Type.String()),
});

/** Body of `POST /groundings`; rules are checked by `groundingProblem`. */
export const GroundingSchema = Type.Object({
  name: Nullable(Type.String()),
  domain: Nullable(Type.String()),
  version: Nullable(Type.String()),
  useCases: Nullable(Type.Array(GroundingUseCaseSchema)),
  constraints: Nullable(Type.Array(Type.String())),
});
export type GroundingBody = Static<typeof GroundingSchema>;

export interface GroundingUseCase {
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly intent: string;
}

/** A grounding that keeps the rules. */
export interface Grounding {
  readonly name: string;
  readonly domain: string;
  readonly version: string;
  readonly useCases: readonly GroundingUseCase[];
  readonly constraints: readonly string[];
}

/** As it is stored and listed. */
export interface GroundingView extends Grounding {
  readonly projectID: string;
}

export interface GroundingProblem {
  readonly param: 'name' | 'domain' | 'version' | 'use-cases' | 'constraints';
  readonly message: string;
}

const blank = (text: string | null | undefined): boolean => (text ?? '').trim() === '';

/** The first rule that a grounding breaks, in the original's order; undefined: it keeps them all. */
export function groundingProblem(body: GroundingBody): GroundingProblem | undefined {
  for (const param of ['name', 'domain'] as const) {
    const problem = nameProblem(body[param] ?? '');
    if (problem) return { param, message: `${param} ${problem}` };
  }
  if (blank(body.version)) return { param: 'version', message: 'version is missing' };
  const useCases = body.useCases ?? [];
  const wrong = (index: number, message: string): GroundingProblem => ({
    param: 'use-cases',
    message: `use case ${index + 1}: ${message}`,
  });
  if (useCases.length === 0) return { param: 'use-cases', message: 'there is no use case' };
  for (const [index, { action, params, capabilities, intent }] of useCases.entries()) {
    if (blank(action)) return wrong(index, 'action is missing');
    if (blank(intent)) return wrong(index, 'intent is missing');
    if (!capabilities || capabilities.length === 0) return wrong(index, 'it needs at least one capability');
    if (capabilities.some(blank)) return wrong(index, 'a capability is blank');
    for (const [, name] of (action ?? '').matchAll(/\{([^{}]+)\}/g)) {
      if (!Object.hasOwn(params ?? {}, name ?? '')) return wrong(index, `{${name}} has no value in params`);
    }
  }
  if ((body.constraints ?? []).some(blank)) return { param: 'constraints', message: 'a constraint is blank' };
  return undefined;
}
