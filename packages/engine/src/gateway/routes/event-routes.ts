/** The event streams, and the tokens with which a browser may read one orchestration. */
import { Type } from '@sinclair/typebox';
import { ReadTokenSchema, StreamEventSchema } from '@orra-ts/protocol';
import { defineRoute, events, json } from '../http/route';
import { unknownOrchestration } from '../http/unknown-items';

/** A browser sends the header when it reconnects automatically; a page can set only the query. */
const POSITION = {
  query: { lastEventId: { description: 'Continue after this event', schema: Type.String() } },
  headers: { 'last-event-id': { description: 'As `lastEventId`; takes precedence', schema: Type.String() } },
};

export const eventRoutes = [
  defineRoute({
    method: 'GET',
    path: '/events',
    summary: 'Events of the project, from now on or after a position',
    access: 'project',
    ...POSITION,
    responses: { 200: events(StreamEventSchema, 'Server-sent events, until the client disconnects') },
    errors: { 400: 'The position is not valid' },
    handler: async ({ project, headers, query }, dependencies) => {
      const { core, streams } = dependencies;
      const reader = await core.events.ofProject(project, headers['last-event-id'] ?? query.lastEventId);
      return { status: 200, body: streams.open(reader, dependencies) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/orchestrations/:id/events',
    summary: 'Events of one orchestration, from its beginning or after a position',
    access: 'project-or-token',
    ...POSITION,
    responses: { 200: events(StreamEventSchema, 'Server-sent events, until the orchestration has nothing more to do') },
    errors: { 400: 'The project has no such orchestration, or the position is not valid' },
    handler: async ({ project, params, headers, query }, dependencies) => {
      const { core, streams } = dependencies;
      const position = headers['last-event-id'] ?? query.lastEventId;
      const reader = await core.events.ofOrchestration(project, params.id, position);
      if (!reader) throw unknownOrchestration(params.id);
      return { status: 200, body: streams.open(reader, dependencies) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/orchestrations/:id/tokens',
    summary: 'Creates a short-lived token that reads the events and the inspection of this orchestration',
    access: 'project',
    responses: { 201: json(ReadTokenSchema, 'The token') },
    errors: { 400: 'The project has no such orchestration' },
    handler: async ({ project, params }, { core }) => {
      const token = await core.orchestrations.createReadToken(project, params.id);
      if (!token) throw unknownOrchestration(params.id);
      return { status: 201, body: token };
    },
  }),
];
