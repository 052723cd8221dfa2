/** `/groundings`. Protocol page, sections 1.3 and 9.1; no validator has to be installed. */
import type { GroundingView } from '@orra-ts/protocol';
import type { StoredGrounding } from '../../catalog/catalog';
import { decodeGrounding } from '../http/compatible-bodies';
import { requestTools, type HttpAppDependencies, type Route } from '../http/route';

export function groundingRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  return [
    {
      method: 'POST',
      path: '/groundings',
      handle: asProject(async (context, project) => {
        const grounding = await host.applyGrounding(project, decodeGrounding(await body(context)));
        return context.json(groundingView(grounding), 201);
      }),
    },
    {
      method: 'GET',
      path: '/groundings',
      handle: asProject((context, project) => {
        const views = host.groundings(project).map(groundingView);
        return context.json(views.length === 0 ? null : views);
      }),
    },
    {
      method: 'DELETE',
      path: '/groundings/:name',
      handle: asProject(async (context, project) => {
        await host.removeGrounding(project, context.req.param('name') ?? '');
        return context.body(null, 204);
      }),
    },
    {
      method: 'DELETE',
      path: '/groundings',
      handle: asProject(async (context, project) => {
        await host.removeGroundings(project);
        return context.body(null, 204);
      }),
    },
  ];
}

const groundingView = ({ projectId, appliedAt: _, ...grounding }: StoredGrounding): GroundingView => ({
  projectID: projectId,
  ...grounding,
});
