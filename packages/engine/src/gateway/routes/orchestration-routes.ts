/** `/orchestrations`: submit, list, inspect, cancel. */
import { Type } from '@sinclair/typebox';
import {
  OrchestrationInspectionSchema,
  OrchestrationListSchema,
  OrchestrationViewSchema,
  type OrchestrationInspection,
} from '@orra-ts/protocol';
import type { Project } from '../../catalog/catalog';
import { inspectionView } from '../../views/inspection-view';
import { listView } from '../../views/list-view';
import { orchestrationView } from '../../views/orchestration-view';
import { optionalReasonBody, submissionBody } from '../http/request-bodies';
import { defineRoute, json, type RouteDependencies } from '../http/route';
import { unknownOrchestration } from '../http/unknown-items';

/** RFC 7240: the response is sent when the submission is stored, before it is planned. */
const prefersAsync = (header: string | undefined): boolean =>
  (header ?? '').split(',').some((preference) => /^respond-async\s*(?:;|$)/i.test(preference.trim()));

const NO_REASON = 'cancelled by request';

async function inspect(
  project: Project | undefined,
  id: string,
  { core, clock, compensationMaxAttempts }: RouteDependencies,
): Promise<OrchestrationInspection> {
  const history = await core.orchestrations.history(project, id);
  if (!history) throw unknownOrchestration(id);
  const { state, events, waits } = history;
  const isGuest = project === undefined;
  return inspectionView(state, events, { now: clock.now(), waits, compensationMaxAttempts, isGuest });
}

export const orchestrationRoutes = [
  defineRoute({
    method: 'POST',
    path: '/orchestrations',
    summary: 'Plans an action and starts it; responds when the plan is made',
    access: 'project',
    unknownKeyStatus: 500,
    headers: {
      prefer: {
        description: 'With `respond-async`, the response is sent when the submission is stored, before it is planned',
        schema: Type.String({ examples: ['respond-async'] }),
      },
    },
    body: submissionBody,
    responses: { 202: json(OrchestrationViewSchema, 'Accepted') },
    errors: {
      400: 'The submission or its plan is not valid, or the action is not actionable',
      500: 'Planning failed',
      503: 'The engine is stopping, or has too many orchestrations under way',
    },
    handler: async (request, { core }) => {
      const submission = await request.body();
      const respondAsync = prefersAsync(request.headers.prefer);
      const state = await core.orchestrations.submit(request.project, submission, {
        respondAsync,
        signal: request.signal,
      });
      return {
        status: 202,
        body: orchestrationView(state),
        headers: respondAsync ? { 'preference-applied': 'respond-async' } : undefined,
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/orchestrations',
    summary: 'The orchestrations by status, newest change first',
    access: 'project',
    responses: { 200: json(OrchestrationListSchema, 'Orchestrations by status') },
    handler: async ({ project }, { core }) => ({
      status: 200,
      body: listView(await core.orchestrations.list(project)),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/orchestrations/inspections/:id',
    summary: 'One orchestration with the history of its tasks',
    access: 'project-or-token',
    responses: { 200: json(OrchestrationInspectionSchema, 'The inspection') },
    errors: { 400: 'The project has no such orchestration' },
    handler: async ({ project, params }, dependencies) => ({
      status: 200,
      body: await inspect(project, params.id, dependencies),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/orchestrations/:id/cancel',
    summary: 'Ends an orchestration, unless it has ended, and compensates its completed tasks',
    access: 'project',
    body: optionalReasonBody,
    responses: { 200: json(OrchestrationInspectionSchema, 'The inspection after the cancellation') },
    errors: { 400: 'The project has no such orchestration' },
    handler: async ({ project, params, body }, dependencies) => {
      const reason = (await body()) ?? NO_REASON;
      if (!(await dependencies.core.orchestrations.cancel(project, params.id, reason)))
        throw unknownOrchestration(params.id);
      return { status: 200, body: await inspect(project, params.id, dependencies) };
    },
  }),
];
