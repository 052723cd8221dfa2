/**
 * Resolvers for DI containers. Each takes the container of the application by its structure, so that this package does not
 * depend on a container library.
 */
export type { ContainerResolverOptions } from './containers/container-resolver';
export type { TsyringeContainer } from './containers/tsyringe';
export { tsyringeResolver } from './containers/tsyringe';
export type { InversifyContainer } from './containers/inversify';
export { inversifyResolver } from './containers/inversify';
export type { AwilixContainer, AwilixResolverOptions } from './containers/awilix';
export { awilixResolver } from './containers/awilix';
export type { TypediContainer, TypediScope } from './containers/typedi';
export { typediResolver } from './containers/typedi';
