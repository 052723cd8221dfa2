/** `/plans`: previews of plans, and defined plans. Our own routes; only the submission is read as a compatible body. */
import { Type } from '@sinclair/typebox';
import {
  DefinedPlanDetailsSchema,
  DefinedPlanListSchema,
  PlanPreviewSchema,
  PlanRegisteredViewSchema,
  nameProblem,
  type DefinedPlan,
} from '@orra-ts/protocol';
import { definedPlanView, planDetailsView, planRegisteredView } from '../../views/defined-plan-view';
import { planPreviewView } from '../../views/plan-preview-view';
import { definedPlanBody, submissionBody } from '../http/request-bodies';
import { defineRoute, empty, json } from '../http/route';
import { invalidMember } from '../http/strict-body';
import { unknownPlan } from '../http/unknown-items';
import { WireFailure } from '../http/wire-failure';

export const planRoutes = [
  defineRoute({
    method: 'POST',
    path: '/plans',
    summary: 'Plans an action without running it; without a plan, the response says why',
    access: 'project',
    body: submissionBody,
    responses: { 200: json(PlanPreviewSchema, 'The plan, or why there is none') },
    handler: async ({ project, body, signal }, { core }) => ({
      status: 200,
      body: planPreviewView(await core.orchestrations.preview(project, await body(), signal())),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/plans',
    summary: 'The newest versions of the defined plans, with what prevents them from running: `stale` and `problems`',
    access: 'project',
    responses: { 200: json(DefinedPlanListSchema, 'Defined plans') },
    handler: ({ project }, { core }) => {
      const services = core.services.list(project);
      return { status: 200, body: core.plans.list(project).map((plan) => definedPlanView(plan, services)) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/plans/:name',
    summary: 'A defined plan, removed or not, with its newest 100 versions',
    access: 'project',
    query: {
      before: { description: 'List the versions below this one', schema: Type.Integer({ minimum: 1 }) },
    },
    responses: { 200: json(DefinedPlanDetailsSchema, 'The plan and its versions') },
    errors: { 400: 'The project never had such a plan, or `before` is not valid' },
    handler: ({ project, params, query }, { core }) => {
      const history = core.plans.history(project, params.name, parseVersion(query.before));
      if (!history) throw unknownPlan(params.name);
      return { status: 200, body: planDetailsView(history, core.services.list(project)) };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/plans/:name',
    summary: 'Registers a defined plan or its next version; an identical plan stays as it is (`unchanged`)',
    access: 'project',
    body: definedPlanBody,
    responses: { 200: json(PlanRegisteredViewSchema, 'The registered plan') },
    errors: { 400: 'The plan has problems, or its name is not that of the path' },
    handler: async ({ project, params, body }, { core }) => {
      const plan = await body();
      checkName(plan, params.name);
      const registration = await core.plans.register(project, plan);
      return { status: 200, body: planRegisteredView(registration, core.services.list(project)) };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/plans/:name',
    summary: 'Removes a defined plan: no action matches it any more, and its versions stay readable',
    access: 'project',
    responses: { 204: empty('Removed') },
    errors: { 400: 'The project has no such plan' },
    handler: async ({ project, params }, { core }) => {
      if (!(await core.plans.retire(project, params.name))) throw unknownPlan(params.name);
      return { status: 204 };
    },
  }),
];

function checkName(plan: DefinedPlan, name: string): void {
  const problem = nameProblem(plan.name);
  if (problem !== undefined) {
    throw invalidMember('/name', `the plan's name ${JSON.stringify(plan.name)} ${problem}`);
  }
  if (plan.name !== name) {
    throw invalidMember('/name', `the plan's name ${JSON.stringify(plan.name)} is not that of the path, "${name}"`);
  }
}

function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new WireFailure(400, {
    kind: 'input validation error',
    param: 'before',
    message: 'before: must be a plan version (an integer >= 1), such as 101',
  });
}
