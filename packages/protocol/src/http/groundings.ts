/** Groundings: what a project's actions mean, for planners and for the checks of their plans. */
import { Type, type Static } from '@sinclair/typebox';
import { nameProblem } from '../limits';
import { List, OptionalNullable, OrNull } from '../typebox';

const GroundingUseCaseSchema = Type.Object({
  /** With `{params}`. */
  action: OptionalNullable(Type.String()),
  /** An example value for every param. */
  params: OptionalNullable(Type.Record(Type.String(), Type.String())),
  capabilities: OptionalNullable(Type.Array(Type.String())),
  intent: OptionalNullable(Type.String()),
});

/** Body of `POST /groundings`; `groundingProblem` checks the rules. */
export const GroundingSchema = Type.Object(
  {
    name: OptionalNullable(Type.String()),
    domain: OptionalNullable(Type.String()),
    version: OptionalNullable(Type.String()),
    useCases: OptionalNullable(Type.Array(GroundingUseCaseSchema)),
    constraints: OptionalNullable(Type.Array(Type.String())),
  },
  { $id: 'Grounding' },
);
export type GroundingBody = Static<typeof GroundingSchema>;

/** A use case of a valid grounding. */
export const GroundingUseCaseViewSchema = Type.Object(
  {
    action: Type.String(),
    params: Type.Record(Type.String(), Type.String()),
    capabilities: List(Type.String()),
    intent: Type.String(),
  },
  { $id: 'GroundingUseCase' },
);
export type GroundingUseCase = Static<typeof GroundingUseCaseViewSchema>;

/** A grounding as the engine stores and lists it. */
export const GroundingViewSchema = Type.Object(
  {
    projectID: Type.String(),
    name: Type.String(),
    domain: Type.String(),
    version: Type.String(),
    useCases: List(GroundingUseCaseViewSchema),
    constraints: List(Type.String()),
  },
  { $id: 'GroundingView' },
);
export type GroundingView = Static<typeof GroundingViewSchema>;

/** Response of `GET /groundings`: null when there are none, as on the Go engine. */
export const GroundingListSchema = OrNull(Type.Array(GroundingViewSchema));

/** A valid grounding, without the project that it belongs to. */
export type Grounding = Omit<GroundingView, 'projectID'>;

export interface GroundingProblem {
  readonly param: 'name' | 'domain' | 'version' | 'use-cases' | 'constraints';
  readonly message: string;
}

const blank = (text: string | null | undefined): boolean => (text ?? '').trim() === '';

/** The first rule that a grounding breaks, in the order of the Go engine; undefined: it is valid. */
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
