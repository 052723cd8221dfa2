/** `/compensation-failures`: records for an operator about work that could not be undone or is in doubt. */
import { Type } from '@sinclair/typebox';
import {
  COMPENSATION_FAILURE_KINDS,
  CompensationFailureListSchema,
  CompensationFailureViewSchema,
  GO_ERROR_MESSAGES,
  RESOLUTION_STATES,
  type CompensationFailureView,
} from '@orra-ts/protocol';
import type { Project } from '../../catalog/catalog';
import type { StoredFailure } from '../../journal/journal';
import { compensationFailureView } from '../../views/compensation-failure-view';
import { reasonBody } from '../http/request-bodies';
import { defineRoute, json, type Route, type RouteDependencies } from '../http/route';
import { Forbidden, WireFailure } from '../http/wire-failure';

function parseChoice<T extends string>(param: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  const message = `${param}: must be one of ${choices.join(', ')}`;
  throw new WireFailure(400, { kind: 'input validation error', param, message });
}

const RESPONSES = { 200: json(CompensationFailureViewSchema, 'The record as it is now') };
const ERRORS = { 400: 'The project has no such record' };

async function find(id: string, project: Project, { core }: RouteDependencies): Promise<StoredFailure> {
  const failure = await core.compensationFailures.get(id);
  if (!failure) {
    throw new WireFailure(400, { kind: 'item does not exist', message: GO_ERROR_MESSAGES.unknownCompensationFailure });
  }
  if (failure.projectId !== project.id) throw new Forbidden();
  return failure;
}

async function view(id: string, project: Project, dependencies: RouteDependencies): Promise<CompensationFailureView> {
  return compensationFailureView(await find(id, project, dependencies), dependencies.compensationMaxAttempts);
}

const resolve = (action: 'resolve' | 'ignore', resolution: 'resolved' | 'ignored', summary: string): Route =>
  defineRoute({
    method: 'POST',
    path: `/compensation-failures/:id/${action}`,
    summary,
    access: 'project',
    body: reasonBody,
    responses: RESPONSES,
    errors: ERRORS,
    handler: async ({ project, params, body }, dependencies) => {
      const failure = await find(params.id, project, dependencies);
      await dependencies.core.compensationFailures.resolve(project, failure, resolution, (await body()) ?? '');
      return { status: 200, body: await view(params.id, project, dependencies) };
    },
  });

export const compensationFailureRoutes = [
  defineRoute({
    method: 'GET',
    path: '/compensation-failures',
    summary: 'The records for an operator, newest first; null when there are none',
    access: 'project',
    query: {
      kind: {
        description: 'Only records of this kind',
        schema: Type.String({ enum: [...COMPENSATION_FAILURE_KINDS] }),
      },
      resolution: { description: 'Only records in this state', schema: Type.String({ enum: [...RESOLUTION_STATES] }) },
    },
    responses: { 200: json(CompensationFailureListSchema, 'Records for an operator') },
    errors: { 400: '`kind` or `resolution` is not valid' },
    handler: async ({ project, query }, { core, compensationMaxAttempts }) => {
      const kind = parseChoice('kind', query.kind, COMPENSATION_FAILURE_KINDS);
      const resolutionState = parseChoice('resolution', query.resolution, RESOLUTION_STATES);
      const failures = await core.compensationFailures.list(project, { kind, resolutionState });
      const views = failures.map((failure) => compensationFailureView(failure, compensationMaxAttempts));
      return { status: 200, body: views.length === 0 ? null : views };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/compensation-failures/:id',
    summary: 'One record',
    access: 'project',
    responses: RESPONSES,
    errors: ERRORS,
    handler: async ({ project, params }, dependencies) => ({
      status: 200,
      body: await view(params.id, project, dependencies),
    }),
  }),
  resolve('resolve', 'resolved', 'Marks it as resolved by an operator'),
  resolve('ignore', 'ignored', 'Marks it as needing no action'),
  defineRoute({
    method: 'POST',
    path: '/compensation-failures/:id/retry',
    summary: 'Runs the compensation again, with a new series of attempts',
    access: 'project',
    responses: RESPONSES,
    errors: { ...ERRORS, 409: 'The record cannot be retried now' },
    handler: async ({ project, params }, dependencies) => {
      const failure = await find(params.id, project, dependencies);
      await dependencies.core.compensationFailures.retry(project, failure);
      return { status: 200, body: await view(params.id, project, dependencies) };
    },
  }),
];
