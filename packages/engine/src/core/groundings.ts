/** `core.groundings`: stores and lists groundings, one version per name. Planners use them. */
import { type OrraError, type Clock } from '@orra-ts/common';
import { GO_ERROR_MESSAGES, groundingProblem, type Grounding, type GroundingBody } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Catalog, Project, StoredGrounding } from '../catalog/catalog';

/** Limits per project: groundings are kept in memory, and every action is compared with every use case (E8). */
const MAX_GROUNDINGS = 500;
const MAX_USE_CASES = 1_000;
const LONGEST_ACTION = 1_000;

export class Groundings {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
  ) {}

  /** Sorted by name. */
  list(project: Project): readonly StoredGrounding[] {
    return this.catalog.groundings(project.id);
  }

  /** @throws OrraError `ORRA_INVALID_GROUNDING`, `ORRA_GROUNDING_EXISTS` */
  async apply(project: Project, body: GroundingBody): Promise<StoredGrounding> {
    const problem = groundingProblem(body);
    if (problem) throw invalidGrounding(problem.param, problem.message);
    const grounding = complete(body);
    const tooLong = grounding.useCases.findIndex(({ action }) => action.length > LONGEST_ACTION);
    if (tooLong >= 0) {
      throw invalidGrounding(
        'use-cases',
        `use case ${tooLong + 1}: action is longer than ${LONGEST_ACTION} characters`,
      );
    }
    const { name, version } = grounding;
    const stored = this.catalog.groundings(project.id);
    const before = stored.find((candidate) => candidate.name === name);
    if (before?.version === version) {
      // The Go CLI reads name and version from this message.
      const text = GO_ERROR_MESSAGES.groundingExists(project.id, name, version);
      throw engineError('ORRA_GROUNDING_EXISTS', text, { details: { name, version } });
    }
    if (!before && stored.length >= MAX_GROUNDINGS) {
      throw invalidGrounding(
        'name',
        `name: the project has ${MAX_GROUNDINGS} groundings, the maximum; remove some first`,
      );
    }
    const others = stored.filter((candidate) => candidate !== before);
    const useCases = [grounding, ...others].reduce((count, one) => count + one.useCases.length, 0);
    if (useCases > MAX_USE_CASES) {
      const text = `the project would have ${useCases} use cases; the maximum is ${MAX_USE_CASES}; remove some first`;
      throw invalidGrounding('use-cases', text);
    }
    const applied = { ...grounding, projectId: project.id, appliedAt: this.clock.now() };
    await this.catalog.putGrounding(applied);
    return applied;
  }

  /** As on the Go engine, an unknown name is an error only if the project has no groundings at all. */
  async remove(project: Project, name: string): Promise<void> {
    if (this.catalog.groundings(project.id).length === 0) {
      throw engineError('ORRA_UNKNOWN_GROUNDING', GO_ERROR_MESSAGES.unknownGrounding, { details: { name } });
    }
    await this.catalog.removeGroundings(project.id, name);
  }

  removeAll(project: Project): Promise<void> {
    return this.catalog.removeGroundings(project.id);
  }
}

function complete({ name, domain, version, useCases, constraints }: GroundingBody): Grounding {
  return {
    name: name ?? '',
    domain: domain ?? '',
    version: version ?? '',
    useCases: (useCases ?? []).map(({ action, params, capabilities, intent }) => ({
      action: action ?? '',
      params: params ?? {},
      capabilities: capabilities ?? [],
      intent: intent ?? '',
    })),
    constraints: constraints ?? [],
  };
}

const invalidGrounding = (param: string, message: string): OrraError =>
  engineError('ORRA_INVALID_GROUNDING', message, { details: { param } });
