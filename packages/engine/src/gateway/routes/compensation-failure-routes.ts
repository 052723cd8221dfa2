/** `/compensation-failures`: what was given up, for a person to see and to deal with. Protocol page, section 6.7. */
import type { Context } from 'hono';
import type { Project } from '../../catalog/catalog';
import type { StoredFailure } from '../../journal/journal';
import { compensationFailureView } from '../../views/compensation-failure-view';
import { decodeReason } from '../http/compatible-bodies';
import { requestTools, type Handler, type HttpAppDependencies, type Route } from '../http/route';
import { Forbidden, WireFailure } from '../http/wire-failure';

export function compensationFailureRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host, compensationMaxAttempts } = dependencies;
  const { body, asProject } = requestTools(dependencies);

  const find = async (id: string, project: Project): Promise<StoredFailure> => {
    const failure = await host.compensationFailure(id);
    if (!failure) {
      throw new WireFailure(400, { kind: 'item does not exist', message: 'failed compensation not found' });
    }
    if (failure.projectId !== project.id) throw new Forbidden();
    return failure;
  };
  /** Answers with the record as it is then. */
  const changing = (change: (context: Context, project: Project, failure: StoredFailure) => Promise<void>): Handler =>
    asProject(async (context, project) => {
      const id = context.req.param('id') ?? '';
      await change(context, project, await find(id, project));
      return context.json(compensationFailureView(await find(id, project), compensationMaxAttempts));
    });
  const resolving = (resolution: 'resolved' | 'ignored'): Handler =>
    changing(async (context, project, failure) => {
      const reason = decodeReason(await body(context)) ?? '';
      await host.resolveFailure(project, failure, resolution, reason);
    });

  return [
    {
      method: 'GET',
      path: '/compensation-failures',
      handle: asProject(async (context, project) => {
        const failures = await host.compensationFailures(project);
        const views = failures.map((failure) => compensationFailureView(failure, compensationMaxAttempts));
        return context.json(views.length === 0 ? null : views);
      }),
    },
    {
      method: 'GET',
      path: '/compensation-failures/:id',
      handle: changing(() => Promise.resolve()),
    },
    { method: 'POST', path: '/compensation-failures/:id/resolve', handle: resolving('resolved') },
    { method: 'POST', path: '/compensation-failures/:id/ignore', handle: resolving('ignored') },
    {
      method: 'POST',
      path: '/compensation-failures/:id/retry',
      handle: changing((_, project, failure) => host.retryCompensation(project, failure)),
    },
  ];
}
