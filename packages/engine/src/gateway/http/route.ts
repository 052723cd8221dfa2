/** What a file of routes is made of, and what it is given. */
import type { Clock, Logger } from '@orra-ts/common';
import type { Context } from 'hono';
import type { Project } from '../../catalog/catalog';
import type { EngineCoreApi } from '../../core/engine-core.types';
import { authenticate } from './auth';
import type { OpenStreams } from './open-streams';
import { readBody } from './read-body';
import { Forbidden, WireFailure } from './wire-failure';

export interface HttpAppDependencies {
  readonly streams: OpenStreams;
  readonly host: EngineCoreApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly compensationMaxAttempts: number;
  /** Open sockets of a service. */
  readonly connectionsOf: (serviceId: string) => number;
  /** Called with every project before it is used: engine-wide plans are registered in it. */
  readonly prepareProject: (project: Project) => Promise<void>;
}

export type Handler = (context: Context) => Promise<Response> | Response;
type ReaderHandler = (context: Context, project: Project | undefined, id: string) => Promise<Response>;
type ProjectHandler = (context: Context, project: Project) => Promise<Response> | Response;

export interface Route {
  /** Undefined: any method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined;
  readonly path: string;
  readonly handle: Handler;
}

interface RequestTools {
  /** The body as a text, within its bound. */
  readonly body: (context: Context) => Promise<string>;
  /** Authentication comes before the body is decoded. */
  readonly asProject: (handle: ProjectHandler, unknownKeyStatus?: 400 | 500) => Handler;
  /** Of one orchestration: a project's key, or a token for it in the query (then there is no project). */
  readonly asReader: (handle: ReaderHandler) => Handler;
}

export function requestTools({ host, maxBodyBytes, prepareProject }: HttpAppDependencies): RequestTools {
  const asProject: RequestTools['asProject'] =
    (handle, unknownKeyStatus = 400) =>
    async (context) => {
      const project = authenticate(host, context.req.header('authorization'), unknownKeyStatus);
      await prepareProject(project);
      return handle(context, project);
    };
  return {
    body: (context) => readBody(context, maxBodyBytes),
    asProject,
    asReader: (handle) => async (context) => {
      const id = context.req.param('id') ?? '';
      const token = context.req.query('token');
      if (token === undefined || context.req.header('authorization') !== undefined) {
        return asProject((_, project) => handle(context, project, id))(context);
      }
      // Any page may ask: what it needs is the token, not a cookie.
      context.header('access-control-allow-origin', '*');
      if (!host.isReadToken(id, token)) throw new Forbidden();
      return handle(context, undefined, id);
    },
  };
}

export const unknownOrchestration = (id: string): WireFailure =>
  new WireFailure(400, {
    kind: 'item does not exist',
    code: 'Orra:UnknownOrchestration',
    message: `unknown orchestration: ${id}`,
  });
