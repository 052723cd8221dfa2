/** `/plans`: look at the plan of an action without running it; defined plans. Routes of ours, checked strictly. */
import { excerpt } from '../../domain/excerpt';
import { planPreviewView } from '../../views/plan-preview-view';
import { definedPlanView, planDetailsView, planRegisteredView } from '../../views/defined-plan-view';
import { decodeSubmission } from '../http/compatible-bodies';
import { decodePlan } from '../http/plan-body';
import { requestTools, type HttpAppDependencies, type Route } from '../http/route';
import { WireFailure } from '../http/wire-failure';

export function planRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  return [
    {
      method: 'POST',
      path: '/plans',
      handle: asProject(async (context, project) => {
        const submission = decodeSubmission(await body(context));
        return context.json(planPreviewView(await host.previewPlan(project, submission, context.req.raw.signal)));
      }),
    },
    {
      method: 'GET',
      path: '/plans',
      handle: asProject((context, project) => {
        const services = host.services(project);
        return context.json(host.plans(project).map((plan) => definedPlanView(plan, services)));
      }),
    },
    {
      method: 'GET',
      path: '/plans/:name',
      handle: asProject((context, project) => {
        const name = context.req.param('name') ?? '';
        const history = host.planHistory(project, name, versionIn(context.req.query('before')));
        if (!history) throw unknownPlan(name);
        return context.json(planDetailsView(history, host.services(project)));
      }),
    },
    {
      method: 'PUT',
      path: '/plans/:name',
      handle: asProject(async (context, project) => {
        const plan = decodePlan(await body(context), context.req.param('name') ?? '');
        const registration = await host.registerPlan(project, plan);
        return context.json(planRegisteredView(registration, host.services(project)));
      }),
    },
    {
      method: 'DELETE',
      path: '/plans/:name',
      handle: asProject(async (context, project) => {
        const name = context.req.param('name') ?? '';
        if (!(await host.retirePlan(project, name))) throw unknownPlan(name);
        return context.body(null, 204);
      }),
    },
  ];
}

function versionIn(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,14}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new WireFailure(400, {
    kind: 'input validation error',
    param: 'before',
    message: 'before: give the version to go on behind, such as 101',
  });
}

const unknownPlan = (name: string): WireFailure =>
  new WireFailure(400, {
    kind: 'item does not exist',
    code: 'Orra:UnknownPlan',
    param: 'name',
    message: `unknown plan: ${excerpt(name)}`,
  });
