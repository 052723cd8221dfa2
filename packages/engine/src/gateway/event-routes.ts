/** The event stream, and the tokens with which a browser may read one orchestration. */
import type { Context } from 'hono';
import { SseStream } from '../events/sse-stream';
import type { StreamReader } from '../events/event-feed';
import { requestTools, unknownOrchestration, type HttpAppDependencies, type Route } from './routes';
import { WireFailure } from './wire-failure';

/** Each is an open connection (E8). */
const MAX_STREAMS = 1_000;

/** The streams that are open, so that an engine that stops can end them. */
export class OpenStreams {
  private readonly streams = new Set<SseStream>();
  private closed = false;

  respond(context: Context, reader: StreamReader, { clock, logger }: HttpAppDependencies): Response {
    if (this.closed || this.streams.size >= MAX_STREAMS) {
      const message = this.closed
        ? 'the engine is stopping'
        : `${MAX_STREAMS} event streams are open, which is the most`;
      throw new WireFailure(503, { kind: 'unanticipated error', message }, { retryAfterSeconds: 5 });
    }
    const stream = new SseStream({ reader, clock, logger, onEnd: (ended) => this.streams.delete(ended) });
    this.streams.add(stream);
    return context.body(stream.body, 200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // For proxies that would hold events back.
      'x-accel-buffering': 'no',
    });
  }

  close(): void {
    this.closed = true;
    for (const stream of [...this.streams]) stream.end();
  }
}

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
