/** Settings of a project: `GET` and `PUT /settings`, and `settings` of its registration. Our engine only. */
import { Type, type Static } from '@sinclair/typebox';

/**
 * What a project's groundings are for. `guide`: they help to plan, and block nothing. `strict`: an action that none of
 * their use cases speaks of is refused, and so is a plan that does not cover what its use case requires.
 */
export type GroundingMode = 'guide' | 'strict';

export interface ProjectSettings {
  readonly groundings: GroundingMode;
}

export const DEFAULT_PROJECT_SETTINGS: ProjectSettings = { groundings: 'guide' };

/** Those to be changed; the others stay as they are. */
export const ProjectSettingsSchema = Type.Object(
  { groundings: Type.Optional(Type.Union([Type.Literal('guide'), Type.Literal('strict')])) },
  { additionalProperties: false },
);
export type ProjectSettingsBody = Static<typeof ProjectSettingsSchema>;
