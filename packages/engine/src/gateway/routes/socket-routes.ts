/** `/ws` without an upgrade: refused in the same order as an upgrade is. */
import { NO_UPGRADE, handshakeRefusal, readUpgradeClaim } from '../http/upgrade-refusal';
import type { HttpAppDependencies, Route } from '../http/route';
import { Forbidden, UNANTICIPATED, WireFailure } from '../http/wire-failure';

export const socketRoutes = ({ host }: HttpAppDependencies): Route[] => [
  {
    method: undefined,
    path: '/ws',
    handle: (context) => {
      const claim = readUpgradeClaim(host, context.req.header('authorization'), new URL(context.req.url).searchParams);
      if (claim.kind === 'forbidden') throw new Forbidden();
      if (claim.kind === 'unknown-service') throw new WireFailure(500, UNANTICIPATED);
      const status = context.req.method === 'GET' ? 400 : 405;
      return context.body(handshakeRefusal(status, NO_UPGRADE), status, {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'sec-websocket-version': '13',
      });
    },
  },
];
