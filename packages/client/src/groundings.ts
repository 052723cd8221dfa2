import type { GroundingBody, GroundingView } from '@orra-ts/protocol';
import { type EngineHttp, expectList, expectMembers, pathSegment } from './engine-http';

/**
 * Groundings of the key's project: what its actions mean, for planners and their checks. An action that matches none fails
 * on the Go engine as soon as there is one; on ours only where `project.configure({ groundings: 'strict' })` says so.
 */
export class GroundingsApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Stores a grounding; another version of the same name replaces it.
   *
   * @throws OrraGroundingExistsError `ORRA_GROUNDING_EXISTS` when this name has this version already
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when it breaks a rule; `details.param` says which part
   */
  async apply(grounding: GroundingBody): Promise<GroundingView> {
    const reply = await this.http.send({ method: 'POST', path: '/groundings', body: grounding });
    return readGrounding(expectMembers<WireGrounding>(reply, ['name', 'version']));
  }

  /** Sorted by name. */
  async list(): Promise<readonly GroundingView[]> {
    const reply = await this.http.send({ method: 'GET', path: '/groundings' });
    return expectList<WireGrounding>(reply, ['name', 'version']).map(readGrounding);
  }

  /**
   * Removes one. The Go engine does not mind a name that it does not know while the project has another grounding.
   *
   * @throws OrraUnknownGroundingError `ORRA_UNKNOWN_GROUNDING`
   */
  async remove(name: string): Promise<void> {
    // An empty name would be the route that removes all of them.
    await this.http.send({ method: 'DELETE', path: `/groundings/${pathSegment(name, 'name of a grounding')}` });
  }

  async removeAll(): Promise<void> {
    await this.http.send({ method: 'DELETE', path: '/groundings' });
  }
}

/** Lists that were left out are null on the Go engine. */
type WireGrounding = Omit<GroundingView, 'useCases' | 'constraints'> & {
  readonly useCases?: GroundingView['useCases'] | null;
  readonly constraints?: GroundingView['constraints'] | null;
};

const readGrounding = ({ useCases, constraints, ...view }: WireGrounding): GroundingView => ({
  ...view,
  useCases: useCases ?? [],
  constraints: constraints ?? [],
});
