import { Inject } from '@nestjs/common';
import { OrraApplication, OrraClient, type Plan } from '@orra-ts/sdk';
import { OrraContainer } from './orra-container';

type Token = string | typeof OrraClient | typeof OrraApplication | typeof OrraContainer;

/** Token of the client of an `OrraModule`; the class `OrraClient` itself without a name. */
export const getClientToken = (name?: string): Token => (name === undefined ? OrraClient : `OrraClient:${name}`);

/** Token of the `OrraApplication` of an `OrraModule`; the class itself without a name. */
export const getApplicationToken = (name?: string): Token =>
  name === undefined ? OrraApplication : `OrraApplication:${name}`;

/** Token of the `OrraContainer` of an `OrraModule`; the class itself without a name. */
export const getContainerToken = (name?: string): Token =>
  name === undefined ? OrraContainer : `OrraContainer:${name}`;

/** Token of a plan of `OrraModule.forFeature`. */
export const getPlanToken = ({ name }: Pick<Plan, 'name'>): string => `OrraPlan:${name}`;

/** Injects the `OrraClient` of the `OrraModule` with this name. */
export const InjectOrra = (name?: string): ReturnType<typeof Inject> => Inject(getClientToken(name));

/** Injects the `OrraApplication` of the `OrraModule` with this name. */
export const InjectOrraApplication = (name?: string): ReturnType<typeof Inject> => Inject(getApplicationToken(name));

/** Injects a plan of `OrraModule.forFeature([plan])`. */
export const InjectPlan = (plan: Pick<Plan, 'name'>): ReturnType<typeof Inject> => Inject(getPlanToken(plan));

/** @internal */
export const getOptionsToken = (name?: string): string => `OrraModuleOptions:${name ?? ''}`;
/** @internal */
export const getEngineToken = (name?: string): string => `OrraEngine:${name ?? ''}`;
