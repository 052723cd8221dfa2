/** The checks of requests to `/ws`, which are the same with and without a WebSocket handshake. */
import type { Project, RegisteredService } from '../../catalog/catalog';
import type { EngineCore } from '../../core/engine-core';
import { bearerKey } from './auth';

export interface UpgradeQuery {
  readonly serviceId?: string | undefined;
  readonly apiKey?: string | undefined;
}

export type UpgradeClaim =
  | { readonly kind: 'service'; readonly project: Project; readonly service: RegisteredService }
  /** The key is missing, or no project has it: 403 without a body. */
  | { readonly kind: 'forbidden' }
  /** The service is missing, or belongs to another project: the generic 500 of the Go engine. */
  | { readonly kind: 'unknown-service' };

/**
 * Checks which service a connection claims to be. The key is in the query, as old SDKs send it, or in an
 * `Authorization` header, which proxies do not log; the header takes precedence.
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

/** The plain text of a refused handshake: the status text, then an error object, each on one line. */
export function handshakeRefusal(status: number, message: string): string {
  const statusText = status === 405 ? 'Method Not Allowed' : status === 426 ? 'Upgrade Required' : 'Bad Request';
  return `${statusText}\n${JSON.stringify({ error: { kind: 'unanticipated error', message } })}\n`;
}
