import {
  OrraAgent as SdkAgent,
  OrraService as SdkService,
  type ClassType,
  type ServiceOptions as SdkOptions,
} from '@orra-ts/sdk';
import { recordNestService } from './records';

export interface ServiceOptions extends SdkOptions {
  /** `name` of the `OrraModule` that runs the service, in an application with several. @default the one without a name */
  readonly application?: string;
}

/**
 * Nest then treats the provider like a controller when it computes scopes: without this, a request-scoped global enhancer
 * is not created for its tasks.
 */
const ENTRY_PROVIDER = '__entryProvider__';

const annotate =
  (sdk: (options: SdkOptions) => (cls: ClassType) => void) =>
  ({ application, ...options }: ServiceOptions) =>
  (cls: ClassType): void => {
    sdk(options)(cls);
    recordNestService(cls, { application });
    Reflect.defineMetadata(ENTRY_PROVIDER, true, cls);
  };

/**
 * Makes a provider a service: its `@Handler` methods can be tasks of plans. A subclass needs its own annotation. Add
 * `@Injectable()` where the provider has constructor parameters or a scope.
 */
export const OrraService: (options: ServiceOptions) => (cls: ClassType) => void = annotate(SdkService);

/** Like `@OrraService`, but registers an agent, which makes its own decisions and may run for a long time. */
export const OrraAgent: (options: ServiceOptions) => (cls: ClassType) => void = annotate(SdkAgent);
