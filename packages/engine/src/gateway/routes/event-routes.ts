/** The event stream, and the tokens with which a browser may read one orchestration. */
import type { Context } from 'hono';
import { requestTools, unknownOrchestration, type HttpAppDependencies, type Route } from '../http/route';

export function eventRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host, streams } = dependencies;
  const { asProject, asReader } = requestTools(dependencies);
  /** Browsers send the header when they come back by themselves, and can only write a query themselves. */
  const position = (context: Context): string | undefined =>
    context.req.header('last-event-id') ?? context.req.query('lastEventId');
  return [
    {
      method: 'GET',
      path: '/events',
      handle: asProject(async (context, project) =>
        streams.respond(context, await host.projectEvents(project, position(context)), dependencies),
      ),
    },
    {
      method: 'GET',
      path: '/orchestrations/:id/events',
      handle: asReader(async (context, project, id) => {
        const reader = await host.orchestrationEvents(project, id, position(context));
        if (!reader) throw unknownOrchestration(id);
        return streams.respond(context, reader, dependencies);
      }),
    },
    {
      method: 'POST',
      path: '/orchestrations/:id/tokens',
      handle: asProject(async (context, project) => {
        const id = context.req.param('id') ?? '';
        const token = await host.createReadToken(project, id);
        if (!token) throw unknownOrchestration(id);
        return context.json(token, 201);
      }),
    },
  ];
}
