/** Masks the sensitive values of the requests under way in log lines and in failures. */
import type { LogFields, Logger } from '@orra-ts/common';
import {
  SensitiveValues,
  hasSensitive,
  maskSensitive,
  type CompensationRequest,
  type Spec,
  type TaskRequest,
} from '@orra-ts/protocol';
import type { Failure } from './outcome';
import { readStored } from './stored-values';

type Request = TaskRequest | CompensationRequest;

export interface RequestSpecs {
  readonly input: { readonly spec: Spec };
  readonly output: { readonly spec: Spec };
}

export class RequestSecrets {
  /** The logger of the service, which masks the values. */
  readonly logger: Logger;
  /** Undefined if the service has no sensitive members. */
  private readonly underWay: Map<Request, SensitiveValues> | undefined;

  constructor(
    private readonly specs: RequestSpecs,
    logger: Logger,
  ) {
    const isNeeded = hasSensitive(specs.input.spec) || hasSensitive(specs.output.spec);
    this.underWay = isNeeded ? new Map() : undefined;
    this.logger = isNeeded ? maskingLogger(logger, (value) => this.masked(value)) : logger;
  }

  add(request: Request): void {
    if (!this.underWay) return;
    const { input, output } = this.specs;
    const values = new SensitiveValues();
    const stored =
      request.type === 'task_request' ? { input: request.input, output: undefined } : readStored(request.input);
    maskSensitive(stored.input, input.spec, values);
    maskSensitive(stored.output, output.spec, values);
    this.underWay.set(request, values);
  }

  /** Adds what a handler returned. */
  addOutput(request: Request, output: unknown): void {
    const values = this.underWay?.get(request);
    if (!values) return;
    try {
      maskSensitive(output, this.specs.output.spec, values);
    } catch {
      // A getter that throws has no value. The check of the output has reported it.
    }
  }

  forget(request: Request): void {
    this.underWay?.delete(request);
  }

  /** The failure as the engine receives it. */
  failure(request: Request, failure: Failure): Failure {
    const values = this.underWay?.get(request);
    return values ? (values.mask(failure) as Failure) : failure;
  }

  private masked(value: unknown): unknown {
    let result = value;
    for (const values of this.underWay?.values() ?? []) result = values.mask(result);
    return result;
  }
}

/** Levels of nested fields that are masked; deeper ones are omitted, since fields can be cyclic. */
const MAX_DEPTH = 8;

function maskingLogger(logger: Logger, mask: (value: unknown) => unknown): Logger {
  const shown = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string' || typeof value === 'number') return mask(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return undefined;
    if (value instanceof Error) {
      const { name, message, stack } = value;
      return Object.assign(new Error(String(mask(message))), { name, stack: mask(stack ?? '') });
    }
    if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1));
    const entries = Object.entries(value).map(([name, member]) => [name, shown(member, depth + 1)]);
    return Object.fromEntries(entries) as unknown;
  };
  const fieldsOf = (fields: LogFields | undefined): LogFields | undefined => shown(fields, 0) as LogFields | undefined;
  const textOf = (message: string): string => String(mask(message));
  return {
    isEnabled: (level) => logger.isEnabled(level),
    debug: (message, fields) => logger.debug(textOf(message), fieldsOf(fields)),
    info: (message, fields) => logger.info(textOf(message), fieldsOf(fields)),
    warn: (message, fields) => logger.warn(textOf(message), fieldsOf(fields)),
    error: (message, fields) => logger.error(textOf(message), fieldsOf(fields)),
    child: (fields) => maskingLogger(logger.child(fieldsOf(fields) ?? {}), mask),
  };
}
