import type { GroundingBody, GroundingView } from '@orra-ts/protocol';
import { type EngineHttp, expectList, expectMembers, pathSegment } from './engine-http';

/**
 * Groundings of the API key's project. They describe its actions for planning and for checking plans. On the Go engine an
 * action that matches none of them fails once there is a grounding. On this project's engine it fails only after
 * `project.configure({ groundings: 'strict' })`.
 */
export class GroundingsApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Stores a grounding. It replaces another version with the same name.
   *
   * @throws OrraGroundingExistsError `ORRA_GROUNDING_EXISTS` when the project already has this version
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when the grounding is invalid; `details.param` names the member
   */
  async apply(grounding: GroundingBody): Promise<GroundingView> {
    const response = await this.http.send({ method: 'POST', path: '/groundings', body: grounding });
    return readGrounding(expectMembers<WireGrounding>(response, ['name', 'version']));
  }

  /** Lists the groundings, sorted by name. */
  async list(): Promise<readonly GroundingView[]> {
    const response = await this.http.send({ method: 'GET', path: '/groundings' });
    return expectList<WireGrounding>(response, ['name', 'version']).map(readGrounding);
  }

  /**
   * Removes a grounding. The Go engine ignores an unknown name while the project has another grounding.
   *
   * @throws OrraUnknownGroundingError `ORRA_UNKNOWN_GROUNDING`
   */
  async remove(name: string): Promise<void> {
    // An empty name would be the route that removes all groundings.
    await this.http.send({ method: 'DELETE', path: `/groundings/${pathSegment(name, 'name of a grounding')}` });
  }

  async removeAll(): Promise<void> {
    await this.http.send({ method: 'DELETE', path: '/groundings' });
  }
}

/** The Go engine sends null for an omitted list. */
type WireGrounding = Omit<GroundingView, 'useCases' | 'constraints'> & {
  readonly useCases?: GroundingView['useCases'] | null;
  readonly constraints?: GroundingView['constraints'] | null;
};

const readGrounding = ({ useCases, constraints, ...view }: WireGrounding): GroundingView => ({
  ...view,
  useCases: useCases ?? [],
  constraints: constraints ?? [],
});
