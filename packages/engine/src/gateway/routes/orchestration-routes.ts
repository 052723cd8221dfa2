/** `/orchestrations`: submit, list, inspect, cancel. */
import type { Project } from '../../catalog/catalog';
import { inspectionView } from '../../views/inspection-view';
import { listView } from '../../views/list-view';
import { orchestrationView } from '../../views/orchestration-view';
import { decodeReason, decodeSubmission } from '../http/compatible-bodies';
import { requestTools, unknownOrchestration, type HttpAppDependencies, type Route } from '../http/route';

/** RFC 7240: whoever asks so is answered when the submission is stored, and finds the plan by looking. */
const prefersAsync = (header: string | undefined): boolean =>
  (header ?? '').split(',').some((preference) => /^respond-async\s*(?:;|$)/i.test(preference.trim()));

const NO_REASON = 'cancelled by request';

export function orchestrationRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host, clock, compensationMaxAttempts } = dependencies;
  const { body, asProject, asReader } = requestTools(dependencies);
  const inspect = async (project: Project | undefined, id: string): Promise<object> => {
    const history = await host.history(project, id);
    if (!history) throw unknownOrchestration(id);
    const isGuest = project === undefined;
    return inspectionView(history.state, history.events, { now: clock.now(), compensationMaxAttempts, isGuest });
  };
  return [
    {
      method: 'POST',
      path: '/orchestrations',
      handle: asProject(async (context, project) => {
        const submission = decodeSubmission(await body(context));
        const respondAsync = prefersAsync(context.req.header('prefer'));
        const state = await host.submit(project, submission, {
          respondAsync,
          get signal() {
            return context.req.raw.signal;
          },
        });
        if (respondAsync) context.header('preference-applied', 'respond-async');
        return context.json(orchestrationView(state), 202);
      }, 500),
    },
    {
      method: 'GET',
      path: '/orchestrations',
      handle: asProject(async (context, project) => context.json(listView(await host.list(project)))),
    },
    {
      method: 'GET',
      path: '/orchestrations/inspections/:id',
      handle: asReader(async (context, project, id) => context.json(await inspect(project, id))),
    },
    {
      method: 'POST',
      path: '/orchestrations/:id/cancel',
      handle: asProject(async (context, project) => {
        const id = context.req.param('id') ?? '';
        const text = await body(context);
        const reason = text.trim() === '' ? undefined : decodeReason(text);
        if (!(await host.cancel(project, id, reason ?? NO_REASON))) throw unknownOrchestration(id);
        return context.json(await inspect(project, id));
      }),
    },
  ];
}
