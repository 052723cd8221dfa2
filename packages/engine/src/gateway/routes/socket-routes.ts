/** `/ws` without an upgrade: it is refused in the same order as an upgrade is. */
import { Type } from '@sinclair/typebox';
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';
import { defineRoute, empty, text } from '../http/route';
import { handshakeRefusal, readUpgradeClaim } from '../http/upgrade-refusal';
import { Forbidden, UNANTICIPATED, WireFailure } from '../http/wire-failure';

const HEADERS = { 'sec-websocket-version': '13' };

export const socketRoutes = [
  defineRoute({
    method: 'GET',
    allMethods: true,
    path: '/ws',
    summary: 'WebSocket of a service',
    access: 'socket',
    query: {
      serviceId: { description: 'Id of the service', schema: Type.String(), required: true },
      apiKey: { description: "The project's key, when there is no Authorization header", schema: Type.String() },
    },
    headers: { authorization: { description: '`Bearer <key>`', schema: Type.String() } },
    responses: {
      101: empty('Connected'),
      400: text('The request is not a WebSocket handshake'),
      405: text('The method is not GET'),
    },
    errors: { 500: 'The project has no such service' },
    handler: ({ method, headers, query }, { core }) => {
      const claim = readUpgradeClaim(core, headers.authorization, query);
      if (claim.kind === 'forbidden') throw new Forbidden();
      if (claim.kind === 'unknown-service') throw new WireFailure(500, UNANTICIPATED);
      return method === 'GET'
        ? { status: 400, body: handshakeRefusal(400, GO_ERROR_MESSAGES.noUpgrade), headers: HEADERS }
        : { status: 405, body: handshakeRefusal(405, GO_ERROR_MESSAGES.noUpgrade), headers: HEADERS };
    },
  }),
];
