/** Errors that types cannot catch, reported at boot: what the decorators of parameters and of enhancers say. */
import type { BootProblem, ClassType } from '@orra-ts/sdk';
import {
  handlerRecords,
  revertRecords,
  type HandlerRecord,
  type RevertRecord,
  type ValueSchema,
} from '@orra-ts/sdk/internal';
import { parameterRecords, type ParameterRecord } from '../decorators/records';
import { ENHANCER_KEYS, parameterMetadata } from '../nest/metadata';
import type { ServiceProvider } from '../nest/provider';

type Report = (problem: BootProblem) => void;
type Method = HandlerRecord | RevertRecord;

export function checkMethods(cls: ClassType, at: string, report: Report): void {
  const handlers = handlerRecords(cls);
  for (const record of handlers) checkMethod(cls, at, record, 'handler', report);
  for (const record of revertRecords(cls)) checkMethod(cls, at, record, 'revert', report);
}

function checkMethod(cls: ClassType, at: string, record: Method, kind: 'handler' | 'revert', report: Report): void {
  const { method } = record;
  const prototype = cls.prototype as Record<string | symbol, unknown>;
  const where = `${at}.${String(method)}`;
  const own = parameterRecords(prototype, method);
  const decorated = decoratedParameters(cls, method);
  const takes = kind === 'handler' ? ((record as HandlerRecord).takes ?? 'task') : undefined;
  const problem = (field: string, message: string, fix: string): void => report({ where, field, message, fix });

  if (kind === 'handler' && takes !== 'parameters' && own.length > 0) {
    problem(
      'takes',
      `@${own[0]?.kind ?? ''}() decorates a parameter, but the handler takes '${takes ?? 'task'}'`,
      "write takes: 'parameters'",
    );
  }
  if (takes === 'task' && hasPipes(cls, prototype[method])) {
    problem(
      'pipe',
      "@UsePipes has no effect on a handler that takes 'task': pipes run on parameters",
      "take 'input' or 'parameters'",
    );
  }
  if (takes === 'parameters' || (kind === 'revert' && decorated.size > 0)) {
    const fn = prototype[method];
    const count = typeof fn === 'function' ? fn.length : 0;
    for (let index = 0; index < count; index++) {
      if (decorated.has(index)) continue;
      problem(
        `parameter ${index + 1}`,
        'has no decorator, so it would be undefined',
        'decorate it with @TaskInput(), @CurrentTask(), @TaskSignal(), @TaskMetadata() or a decorator of createParamDecorator',
      );
    }
  }
  for (const parameter of own) checkParameter(record, parameter, kind, problem);
}

function checkParameter(
  record: Method,
  { kind, index, data }: ParameterRecord,
  of: 'handler' | 'revert',
  problem: (field: string, message: string, fix: string) => void,
): void {
  const field = `parameter ${index + 1}`;
  if (of === 'revert' && (kind === 'CurrentTask' || kind === 'TaskMetadata')) {
    problem(field, `@${kind}() decorates a parameter of a revert handler, which has no task`, 'use @Reverting()');
  }
  if (of === 'handler' && kind === 'Reverting') {
    problem(field, '@Reverting() decorates a parameter of a handler', 'use @CurrentTask()');
  }
  if (kind !== 'TaskInput' || of !== 'handler' || typeof data !== 'function') return;
  const { input } = record as HandlerRecord;
  if (typeof input === 'function' && input !== data) {
    problem(
      field,
      `@TaskInput(${data.name}) is not the input of the handler, ${input.name}`,
      `write @TaskInput(${input.name})`,
    );
  }
}

/** Reports fields of `@TaskInput('field')` that the schema of the input does not have. */
export function checkFields(
  { cls, module }: ServiceProvider,
  method: string | symbol,
  { jsonSchema }: ValueSchema,
  report: Report,
): void {
  const { properties, additionalProperties } = jsonSchema as { properties?: object; additionalProperties?: unknown };
  if (!properties || (additionalProperties !== undefined && additionalProperties !== false)) return;
  for (const { kind, index, data } of parameterRecords(cls.prototype as object, method)) {
    if (kind !== 'TaskInput' || typeof data !== 'string' || Object.hasOwn(properties, data)) continue;
    report({
      where: `${module} > ${cls.name}.${String(method)}`,
      field: `parameter ${index + 1}`,
      message: `@TaskInput('${data}') names a field that the input does not have`,
      fix: `name one of ${Object.keys(properties).join(', ')}`,
    });
  }
}

/** Indexes of the parameters with a decorator, of this package or another one. */
export function decoratedParameters(cls: ClassType, method: string | symbol): ReadonlySet<number> {
  return new Set(Object.values(parameterMetadata(cls, method) ?? {}).map(({ index }) => index));
}

const hasPipes = (cls: ClassType, method: unknown): boolean =>
  [cls, method].some((target) => typeof target === 'function' && Reflect.hasMetadata(ENHANCER_KEYS.pipe, target));
