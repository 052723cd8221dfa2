/** What the decorators of this package record beside the records of the SDK. Keys are `Symbol.for`, as in the SDK. */
import 'reflect-metadata';

const PARAMETERS = Symbol.for('orra.nestjs.parameters');
const METHOD = Symbol.for('orra.nestjs.method');
const SERVICE = Symbol.for('orra.nestjs.service');

export type ParameterKind = 'TaskInput' | 'CurrentTask' | 'TaskSignal' | 'TaskMetadata' | 'Reverting';

export interface ParameterRecord {
  readonly kind: ParameterKind;
  readonly index: number;
  readonly data: unknown;
}

/** Switches for Nest's enhancers. Pipes have none in Nest. */
export interface EnhancerSwitches {
  /** @default true */
  readonly guards?: boolean;
  /** @default true */
  readonly interceptors?: boolean;
  /** @default true */
  readonly filters?: boolean;
}

export interface NestMethodRecord {
  readonly enhancers?: EnhancerSwitches;
}

export interface NestServiceRecord {
  /** Name of the `OrraModule` that runs the service. */
  readonly application?: string;
}

export const recordParameter = (target: object, key: string | symbol, record: ParameterRecord): void => {
  Reflect.defineMetadata(PARAMETERS, [...parameterRecords(target, key), record], target, key);
};
export const parameterRecords = (target: object, key: string | symbol): readonly ParameterRecord[] =>
  (Reflect.getMetadata(PARAMETERS, target, key) as ParameterRecord[] | undefined) ?? [];

export const recordMethod = (target: object, key: string | symbol, record: NestMethodRecord): void =>
  Reflect.defineMetadata(METHOD, record, target, key);
export const methodRecord = (target: object, key: string | symbol): NestMethodRecord =>
  (Reflect.getMetadata(METHOD, target, key) as NestMethodRecord | undefined) ?? {};

/** Own metadata: like the record of the SDK, it is not inherited. */
export const recordNestService = (cls: object, record: NestServiceRecord): void =>
  Reflect.defineMetadata(SERVICE, record, cls);
export const nestServiceRecord = (cls: object): NestServiceRecord | undefined =>
  Reflect.getOwnMetadata(SERVICE, cls) as NestServiceRecord | undefined;
