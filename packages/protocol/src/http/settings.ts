/** Settings of a project: `GET` and `PUT /settings`, and `settings` of its registration. Our engine only. */
import { Type, type Static } from '@sinclair/typebox';
import { Literals } from '../typebox';

/**
 * The mode of a project's groundings. `guide`: they help to plan and reject nothing. `strict`: an action that matches
 * none of their use cases is rejected, and so is a plan that does not cover what its use case requires.
 */
export type GroundingMode = 'guide' | 'strict';

/** All settings of a project. */
export const ProjectSettingsViewSchema = Type.Object(
  { groundings: Literals(['guide', 'strict'] satisfies GroundingMode[]) },
  { $id: 'ProjectSettings' },
);
export type ProjectSettings = Static<typeof ProjectSettingsViewSchema>;

export const DEFAULT_PROJECT_SETTINGS: ProjectSettings = { groundings: 'guide' };

/** The settings to change; the others keep their values. */
export const ProjectSettingsSchema = Type.Object(
  { groundings: Type.Optional(Type.Union([Type.Literal('guide'), Type.Literal('strict')])) },
  { $id: 'ProjectSettingsChange', additionalProperties: false },
);
export type ProjectSettingsBody = Static<typeof ProjectSettingsSchema>;
