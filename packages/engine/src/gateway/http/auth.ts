/** Who asks. Protocol page, section 1.2; keys are never echoed, unlike in the original. */
import type { Project } from '../../catalog/catalog';
import type { EngineCore } from '../../core/engine-core';
import { Forbidden, WireFailure } from './wire-failure';

/** The key of `Bearer <key>`: exactly two parts, divided by one space, the scheme in exactly this letter case. */
export function bearerKey(header: string | undefined): string | undefined {
  const parts = header?.split(' ') ?? [];
  const [scheme, key] = parts;
  return parts.length === 2 && scheme === 'Bearer' && key ? key : undefined;
}

/**
 * @param unknownKeyStatus 400, but 500 where the original answers so
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
    message: 'no project found with the given API key',
  });
}
