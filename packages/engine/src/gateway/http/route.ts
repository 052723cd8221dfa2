/**
 * A route is one value: its contract (method, path, access, parameters, body, responses) and its handler. The server
 * (`serve-route.ts`), the description of the API (`openapi.ts`) and the check for known paths are derived from it.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import type { Clock, Logger } from '@orra-ts/common';
import type { Project } from '../../catalog/catalog';
import type { EngineCore } from '../../core/engine-core';
import type { OpenStreams } from './open-streams';

export interface RouteDependencies {
  readonly streams: OpenStreams;
  readonly core: EngineCore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly compensationMaxAttempts: number;
  /** Open sockets of a service. */
  readonly connectionsOf: (serviceId: string) => number;
  /** Called with every project before it is used: engine-wide plans are registered in it. */
  readonly prepareProject: (project: Project) => Promise<void>;
}

/**
 * Who may use a route. `public`: anyone. `project`: a project's key. `project-or-token`: a project's key, or a read
 * token for the orchestration in the path. `socket`: the handler itself checks the key, in the header or in the query.
 */
export type Access = 'public' | 'project' | 'project-or-token' | 'socket';

export interface ParameterContract {
  readonly description: string;
  readonly schema: TSchema;
  /** @default false */
  readonly required?: boolean;
}

export interface BodyContract<B> {
  readonly schema: TSchema;
  /** @default true */
  readonly required?: boolean;
  /** @throws WireFailure 400 */
  readonly decode: (text: string) => B;
}

export type ResponseContract<S extends TSchema = TSchema> =
  | { readonly content: 'json'; readonly description: string; readonly schema: S }
  /** Server-sent events; the schema is that of the data of one event. */
  | { readonly content: 'events'; readonly description: string; readonly schema: S }
  | { readonly content: 'text'; readonly description: string }
  | { readonly content: 'empty'; readonly description: string };

export const json = <S extends TSchema>(schema: S, description: string) =>
  ({ content: 'json', description, schema }) as const;
export const events = <S extends TSchema>(schema: S, description: string) =>
  ({ content: 'events', description, schema }) as const;
export const text = (description: string) => ({ content: 'text', description }) as const;
export const empty = (description: string) => ({ content: 'empty', description }) as const;

type ReplyBody<C> = C extends { content: 'json'; schema: infer S extends TSchema }
  ? { readonly body: Static<S> }
  : C extends { content: 'events' }
    ? { readonly body: ReadableStream<Uint8Array> }
    : C extends { content: 'text' }
      ? { readonly body: string }
      : { readonly body?: undefined };

/** The result of a handler: one of the declared statuses, with the body that is declared for it. */
type ReplyTo<R> = {
  [S in keyof R]: { readonly status: S; readonly headers?: Readonly<Record<string, string>> } & ReplyBody<R[S]>;
}[keyof R];

/** Names behind a colon in the path. */
type ParameterNames<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

type ProjectFor<A extends Access> = A extends 'project'
  ? Project
  : A extends 'project-or-token'
    ? Project | undefined
    : undefined;

interface RouteRequest<P extends string, A extends Access, B, Q extends string, H extends string> {
  readonly method: string;
  readonly params: Readonly<Record<ParameterNames<P>, string>>;
  readonly query: Readonly<Partial<Record<Q, string>>>;
  readonly headers: Readonly<Partial<Record<H, string>>>;
  /** Undefined with a read token, and where the access is `public` or `socket`. */
  readonly project: ProjectFor<A>;
  /** Reads and decodes the body. A method, because some checks precede it. @throws WireFailure 400 or 413 */
  readonly body: () => Promise<B>;
  /** Returns a signal that aborts when the client disconnects. A function, because the server builds it on demand. */
  readonly signal: () => AbortSignal;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface RouteContract {
  readonly method: Method;
  /** Set: the handler also receives the requests with other methods. */
  readonly allMethods?: true;
  /** Parameters begin with a colon: `/plans/:name`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Status for a key that no project has. @default 400 */
  readonly unknownKeyStatus?: 400 | 500;
  readonly query?: Readonly<Record<string, ParameterContract>>;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, ParameterContract>>;
  readonly body?: BodyContract<unknown>;
  /** Successful responses, by status. Errors are thrown: see `errors`. */
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Errors of this route alone, by status, described; their body is an error body. */
  readonly errors?: Readonly<Record<number, string>>;
}

interface RouteDefinition<
  P extends string,
  A extends Access,
  R extends Readonly<Record<number, ResponseContract>>,
  B,
  Q extends string,
  H extends string,
> extends RouteContract {
  readonly path: P;
  readonly access: A;
  readonly query?: Readonly<Record<Q, ParameterContract>>;
  readonly headers?: Readonly<Record<H, ParameterContract>>;
  readonly body?: BodyContract<B>;
  readonly responses: R;
  readonly handler: (
    request: RouteRequest<P, A, B, Q, H>,
    dependencies: RouteDependencies,
  ) => ReplyTo<R> | Promise<ReplyTo<R>>;
}

export type AnyRequest = RouteRequest<string, Access, unknown, string, string>;

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route extends RouteContract {
  readonly handler: (request: AnyRequest, dependencies: RouteDependencies) => Reply | Promise<Reply>;
}

/** Checks that the handler keeps the contract, then forgets the types of this one route. */
export const defineRoute = <
  const P extends string,
  const A extends Access,
  const R extends Readonly<Record<number, ResponseContract>>,
  B = never,
  Q extends string = never,
  H extends string = never,
>(
  definition: RouteDefinition<P, A, R, B, Q, H>,
): Route => definition as unknown as Route;
