/** Runs a route for a request: access, then the handler, then the response that its contract declares. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import { PROTOCOL_VERSION, VERSION_HEADER } from '@orra-ts/protocol';
import type { Project } from '../../catalog/catalog';
import { authenticate } from './auth';
import { readBody } from './read-body';
import type { AnyRequest, Reply, Route, RouteDependencies } from './route';
import { Forbidden } from './wire-failure';

const PLAIN_TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const EVENT_STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // For proxies that would hold events back.
  'x-accel-buffering': 'no',
};

export const serveRoute =
  (route: Route, dependencies: RouteDependencies) =>
  async (context: Context): Promise<Response> => {
    outgoingOf(context).setHeader(VERSION_HEADER, PROTOCOL_VERSION);
    // Access is checked before the body is decoded, as on the Go engine.
    const project = await admit(context, route, dependencies);
    const reply = await route.handler(requestOf(context, route, dependencies, project), dependencies);
    return respond(context, route, reply);
  };

/** @throws Forbidden @throws WireFailure when no project has the key */
async function admit(
  context: Context,
  { access, unknownKeyStatus }: Route,
  { core, prepareProject }: RouteDependencies,
): Promise<Project | undefined> {
  if (access === 'public' || access === 'socket') return undefined;
  const authorization = context.req.header('authorization');
  const token = access === 'project-or-token' ? context.req.query('token') : undefined;
  if (token !== undefined && authorization === undefined) {
    // Any page may read: it needs the token, not a cookie.
    outgoingOf(context).setHeader('access-control-allow-origin', '*');
    if (!core.orchestrations.isReadToken(context.req.param('id') ?? '', token)) throw new Forbidden();
    return undefined;
  }
  const project = authenticate(core, authorization, unknownKeyStatus);
  await prepareProject(project);
  return project;
}

function requestOf(
  context: Context,
  { query = {}, headers = {}, body }: Route,
  { maxBodyBytes }: RouteDependencies,
  project: Project | undefined,
): AnyRequest {
  return {
    method: context.req.method,
    params: context.req.param(),
    query: Object.fromEntries(Object.keys(query).map((name) => [name, context.req.query(name)])),
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, context.req.header(name)])),
    project,
    body: async () => body?.decode(await readBody(context, maxBodyBytes)),
    signal: () => context.req.raw.signal,
  };
}

function respond(context: Context, { responses }: Route, { status, body, headers = {} }: Reply): Response {
  switch (responses[status]?.content) {
    case 'json':
      return sendJson(context, status, body, headers);
    case 'events':
      return context.body(body as ReadableStream, status as ContentfulStatusCode, { ...EVENT_STREAM, ...headers });
    case 'text':
      return context.body(body as string, status as ContentfulStatusCode, { ...PLAIN_TEXT, ...headers });
    case 'empty':
    case undefined:
      return context.body(null, status as StatusCode, headers);
  }
}

const outgoingOf = ({ env }: Context): HttpBindings['outgoing'] => (env as HttpBindings).outgoing;

/** Past the `Response` and the stream of its body, which cost more than most handlers. */
function sendJson(
  context: Context,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Response {
  const outgoing = outgoingOf(context);
  const text = JSON.stringify(body);
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  outgoing.end(text);
  return RESPONSE_ALREADY_SENT;
}
