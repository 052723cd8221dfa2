/** Why an upgrade of `/ws` is refused, the same with and without a handshake. Protocol page, section 3.1. */
import type { Project, RegisteredService } from '../../catalog/catalog';
import type { EngineCore } from '../../core/engine-core';
import { bearerKey } from './auth';

export interface UpgradeQuery {
  readonly serviceId?: string | undefined;
  readonly apiKey?: string | undefined;
}

export type UpgradeClaim =
  | { readonly kind: 'service'; readonly project: Project; readonly service: RegisteredService }
  /** No key, or one that no project has: 403 without a body. */
  | { readonly kind: 'forbidden' }
  /** The service is missing or of another project: the original's generic 500. */
  | { readonly kind: 'unknown-service' };

/**
 * Whom a connection claims to be. The key may stand in the query, as old SDKs send it, or in an `Authorization` header,
 * which proxies do not write into their logs; the header wins.
 */
export function readUpgradeClaim(
  core: Pick<EngineCore, 'projects' | 'services'>,
  authorization: string | undefined,
  query: UpgradeQuery,
): UpgradeClaim {
  const key = authorization === undefined ? query.apiKey : bearerKey(authorization);
  const project = key ? core.projects.byKey(key) : undefined;
  if (!project) return { kind: 'forbidden' };
  const service = query.serviceId ? core.services.get(project, query.serviceId) : undefined;
  return service ? { kind: 'service', project, service } : { kind: 'unknown-service' };
}

/** Text of the original for a request to `/ws` that is no WebSocket handshake. */
export const NO_UPGRADE =
  "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header";

/** Two lines: the status text, then an error object that names the fault. */
export function handshakeRefusal(status: number, message: string): string {
  const statusText = status === 405 ? 'Method Not Allowed' : status === 426 ? 'Upgrade Required' : 'Bad Request';
  return `${statusText}\n${JSON.stringify({ error: { kind: 'unanticipated error', message } })}\n`;
}
