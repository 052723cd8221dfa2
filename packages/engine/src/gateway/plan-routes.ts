/** `/plans`: look at the plan of an action without running it; defined plans. Routes of ours, checked strictly. */
import { planPreviewView } from '../views/plan-preview-view';
import { storedPlanView } from '../views/registration-views';
import { decodeSubmission } from './compatible-bodies';
import { decodePlan } from './plan-body';
import { requestTools, type HttpAppDependencies, type Route } from './routes';

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
      handle: asProject((context, project) => context.json(host.plans(project).map(storedPlanView))),
    },
    {
      method: 'PUT',
      path: '/plans/:name',
      handle: asProject(async (context, project) => {
        const plan = decodePlan(await body(context), context.req.param('name') ?? '');
        return context.json(storedPlanView(await host.registerPlan(project, plan)));
      }),
    },
  ];
}
