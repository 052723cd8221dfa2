/** Finds the project of a request by its API key. Responses never contain the key, unlike those of the Go engine. */
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';
import type { Project } from '../../catalog/catalog';
import type { EngineCore } from '../../core/engine-core';
import { Forbidden, WireFailure } from './wire-failure';

/** Reads the key of `Bearer <key>`: exactly two parts with one space between them, and the scheme in this letter case. */
export function bearerKey(header: string | undefined): string | undefined {
  const parts = header?.split(' ') ?? [];
  const [scheme, key] = parts;
  return parts.length === 2 && scheme === 'Bearer' && key ? key : undefined;
}

/**
 * @param unknownKeyStatus 400, or 500 on the route where the Go engine responds with 500
 * @throws Forbidden when the header is missing or malformed
 * @throws WireFailure when no project has the key
 */
export function authenticate(
  core: Pick<EngineCore, 'projects'>,
  header: string | undefined,
  unknownKeyStatus: 400 | 500 = 400,
): Project {
  const key = bearerKey(header);
  if (key === undefined) throw new Forbidden();
  const project = core.projects.byKey(key);
  if (project) return project;
  throw new WireFailure(unknownKeyStatus, {
    kind: unknownKeyStatus === 400 ? 'invalid request error' : 'unanticipated error',
    message: GO_ERROR_MESSAGES.unknownKey,
  });
}
