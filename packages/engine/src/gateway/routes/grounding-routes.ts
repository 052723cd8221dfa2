/** `/groundings`. Their rules are checked here: nothing has to be installed for it, as it does for the Go engine. */
import { GroundingListSchema, GroundingViewSchema, type GroundingView } from '@orra-ts/protocol';
import type { StoredGrounding } from '../../catalog/catalog';
import { groundingBody } from '../http/request-bodies';
import { defineRoute, empty, json } from '../http/route';

const groundingView = ({ projectId, appliedAt: _, ...grounding }: StoredGrounding): GroundingView => ({
  projectID: projectId,
  ...grounding,
});

export const groundingRoutes = [
  defineRoute({
    method: 'POST',
    path: '/groundings',
    summary: 'Adds a grounding, or a new version of it',
    access: 'project',
    body: groundingBody,
    responses: { 201: json(GroundingViewSchema, 'The grounding as it is stored') },
    errors: { 400: 'The grounding breaks a rule, or its version exists' },
    handler: async ({ project, body }, { core }) => ({
      status: 201,
      body: groundingView(await core.groundings.apply(project, await body())),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/groundings',
    summary: 'The groundings, by name; null when there are none',
    access: 'project',
    responses: { 200: json(GroundingListSchema, 'Groundings') },
    handler: ({ project }, { core }) => {
      const views = core.groundings.list(project).map(groundingView);
      return { status: 200, body: views.length === 0 ? null : views };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/groundings/:name',
    summary: 'Removes one grounding',
    access: 'project',
    responses: { 204: empty('Removed') },
    errors: { 500: 'The project has no groundings' },
    handler: async ({ project, params }, { core }) => {
      await core.groundings.remove(project, params.name);
      return { status: 204 };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/groundings',
    summary: 'Removes all groundings',
    access: 'project',
    responses: { 204: empty('Removed') },
    handler: async ({ project }, { core }) => {
      await core.groundings.removeAll(project);
      return { status: 204 };
    },
  }),
];
