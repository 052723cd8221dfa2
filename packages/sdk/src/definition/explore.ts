/**
 * The explorer turns decorated classes and function services into frozen definitions. It reports all problems of all
 * services together. It does not instantiate services or use the network.
 */
import { durationMs, type Duration } from '@orra-ts/common';
import { DEFAULT_COMPENSATION_TTL_MS, nameProblem, type ServiceKind } from '@orra-ts/protocol';
import type { HandlerRecord, RevertRecord } from '../metadata/records';
import type { ClassType, Schema, SchemaSource } from '../schema';
import type { RevertSource, Task } from '../task';
import { isRemoteService } from './remote-service';
import type { ValidatorModules } from '../schema/validator-modules';
import type { Side } from '../validation/prepare';
import { createValueSchema } from '../validation/create-value-schema';
import type { BootProblem } from '../boot-error';
import { readClass } from './class-records';
import { wrongParameter } from './declared-parameter';
import { isFunctionService, type FunctionService } from './define-service';
import { callMethod, missingMethods, type InstanceMethod } from './instance-method';
import type { Invoke, RevertDefinition, ServiceDefinition } from './service-definition';
import type { ValueSchema } from '../validation/value-schema';
import { classOf, isDelegated, originOf, type MethodCaller, type ServiceSource } from './service-source';

export interface ExploreOptions {
  /** The application's own copies of class-validator and class-transformer. */
  readonly validatorModules?: ValidatorModules;
  /** Services that the application has already, whose names are taken. */
  readonly known?: readonly ExploredService[];
}

export interface ExploredService {
  readonly definition: ServiceDefinition;
  /** Where its instance comes from; several definitions of one class share it. */
  readonly source: ServiceSource;
  /** The methods that its instance must have; none if it has no instance here. */
  readonly methods: readonly InstanceMethod[];
}

export interface Exploration {
  readonly definitions: readonly ExploredService[];
  readonly problems: readonly BootProblem[];
  /** Likely mistakes that do not prevent the start, each once. */
  readonly warnings: readonly BootProblem[];
}

/** Reads all services. Returns definitions of those without problems; start only if there are no problems. */
export function exploreServices(sources: readonly ServiceSource[], options: ExploreOptions = {}): Exploration {
  const explorer = new Explorer(options.validatorModules);
  for (const { definition } of options.known ?? []) explorer.know(definition);
  for (const source of sources) explorer.add(source);
  return { definitions: explorer.definitions, problems: explorer.problems, warnings: [...explorer.warnings.values()] };
}

/** A handler, declared by a class or a function service. */
interface Declared {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly description: string;
  readonly label: string;
  readonly handler: Omit<HandlerRecord, 'method'>;
  readonly invoke: Invoke;
  readonly revert?: Omit<RevertRecord, 'method' | 'of'> & { readonly label: string; readonly invoke: Invoke };
  readonly target?: ServiceDefinition['target'];
  /** The other framework takes the input out of the task. */
  readonly isDelegated?: boolean;
}

class Explorer {
  readonly definitions: ExploredService[] = [];
  readonly problems: BootProblem[] = [];
  /** By the place concerned, because several services may share a class. */
  readonly warnings = new Map<string, BootProblem>();
  private readonly labelByName = new Map<string, string>();

  constructor(private readonly validatorModules: ValidatorModules | undefined) {}

  know({ name, label }: ServiceDefinition): void {
    this.labelByName.set(name, label);
  }

  /** @param source may be anything: callers without types can pass any value */
  add(source: unknown): void {
    const cls: unknown = isSource(source) ? classOf(source) : undefined;
    if (typeof cls === 'function') this.addClass(cls as ClassType, source as ServiceSource);
    else if (isFunctionService(source)) this.addFunction(source);
    else if (isRemoteService(source)) {
      this.problem(`remoteService("${source.options.name}")`, {
        message: 'runs in another application and cannot be started here',
        fix: 'remove it from `services`, because plans can use it without that; to run it here, define it with defineService(...) or as a class',
      });
    } else {
      this.problem('services', {
        message: `${source === undefined ? 'an undefined entry' : 'an entry'} is not a service`,
        fix: 'list decorated classes, { class, useValue }, { class, useFactory } or defineService(...); a circular import often makes an entry undefined',
      });
    }
  }

  private addClass(cls: ClassType, source: ServiceSource): void {
    const read = readClass(cls);
    this.problems.push(...read.problems);
    const caller = isDelegated(source) ? source.call : undefined;
    const className = cls.name || 'a class without a name';
    // A delegated source has no instance here, so no message names its origin.
    const origin = originOf(source) ?? '';
    const methodOf = (method: string | symbol): InstanceMethod => ({
      method,
      label: `${className}.${String(method)}`,
      className,
      origin,
    });
    for (const { name, handler, revert } of read.handlers) {
      const handlerMethod = methodOf(handler.method);
      const revertMethod = revert && methodOf(revert.method);
      const methods = revertMethod ? [handlerMethod, revertMethod] : [handlerMethod];
      if (handler.takes === 'parameters' && !(isDelegated(source) && source.takesParameters)) {
        this.problem(handlerMethod.label, {
          field: 'takes',
          message: "'parameters' works only in an application of @orra-ts/nestjs",
          fix: "let OrraModule of @orra-ts/nestjs find the provider, or take the 'task' or its 'input'",
        });
      }
      const parameter = wrongParameter(cls, handler);
      if (parameter !== undefined) {
        this.problem(handlerMethod.label, {
          field: 'takes',
          message: `its first parameter is of the class ${parameter}, and it gets a Task`,
          fix: "add takes: 'input' to @Handler if the parameter is the input, or declare it as Task<...>",
        });
      }
      if (typeof source === 'object' && 'useValue' in source) {
        this.problems.push(...missingMethods(source.useValue, methods));
      }
      const definition = this.define({
        name,
        kind: read.kind,
        description: handler.description ?? read.description,
        label: handlerMethod.label,
        handler,
        invoke: caller ? delegateHandler(caller, handler) : callMethod(handlerMethod),
        target: { cls, method: String(handler.method) },
        isDelegated: caller !== undefined,
        revert: revert &&
          revertMethod && {
            ...revert,
            label: revertMethod.label,
            invoke: caller ? delegateRevert(caller, revert.method) : callMethod(revertMethod),
          },
      });
      if (definition) this.definitions.push({ definition, source, methods: caller ? [] : methods });
    }
  }

  private addFunction(service: FunctionService): void {
    const { options, handler } = service;
    const label = `defineService(${JSON.stringify(options.name)})`;
    const { revert } = options;
    if (!revert && options.also !== undefined) {
      this.problem(label, {
        field: 'also',
        message: 'has no effect without a revert function',
        fix: 'add `revert`, or omit `also`',
      });
    }
    const definition = this.define({
      name: options.name,
      kind: options.kind ?? 'service',
      description: options.description,
      label,
      handler: { ...options, takes: 'task' },
      invoke: (_, task) => handler(task as Parameters<typeof handler>[0]),
      revert: revert && {
        ...options,
        label: `${label}.revert`,
        invoke: (_, given) => revert(given as Parameters<typeof revert>[0]),
      },
    });
    if (definition) this.definitions.push({ definition, source: service, methods: [] });
  }

  private define(declared: Declared): ServiceDefinition | undefined {
    const before = this.problems.length;
    const { label, handler } = declared;
    this.checkName(declared.name, label);
    if (typeof declared.description !== 'string' || declared.description.trim() === '') {
      this.problem(label, {
        field: 'description',
        message: 'has no description',
        fix: 'describe in a sentence what it does: planners choose services by their descriptions, and engines reject a service without one',
      });
    }
    const input = this.schema('input', handler.input, declared);
    const output = this.schema('output', handler.output, declared);
    const timeoutMs = this.duration('timeout', handler.timeout, label);
    const concurrency = handler.concurrency ?? Infinity;
    if (!(concurrency === Infinity || (Number.isInteger(concurrency) && concurrency >= 1))) {
      this.problem(label, {
        field: 'concurrency',
        message: `${String(concurrency)} is not a valid number of concurrent runs`,
        fix: 'use a whole number of at least 1, or omit it for no limit',
      });
    }
    const revert = declared.revert && this.revert(declared.revert);
    if (this.problems.length > before || !input || !output) return undefined;
    return Object.freeze<ServiceDefinition>({
      name: declared.name,
      kind: declared.kind,
      description: declared.description,
      label,
      input,
      output,
      takes: handler.takes === 'input' && !declared.isDelegated ? 'input' : 'task',
      invoke: declared.invoke,
      revert,
      timeoutMs,
      concurrency,
      onCrash: handler.onCrash ?? 'rerun',
      ...(declared.target && { target: Object.freeze(declared.target) }),
    });
  }

  private checkName(name: unknown, label: string): void {
    const given = typeof name === 'string' && name !== '';
    const problem = given ? nameProblem(name) : 'is missing';
    if (problem !== undefined) {
      this.problem(label, {
        field: 'name',
        message: given ? `the name "${name}" ${problem}` : `its name ${problem}`,
        fix: 'choose a name such as "inventory-service"',
      });
      return;
    }
    const other = this.labelByName.get(name as string);
    if (other !== undefined) {
      this.problem(label, {
        field: 'name',
        message: other === label ? `is listed twice` : `the name "${name as string}" is already used by ${other}`,
        fix: other === label ? 'list it once' : 'give each service a different name',
      });
    }
    if (other === undefined) this.labelByName.set(name as string, label);
  }

  private schema(side: Side, schema: SchemaSource<Schema>, { label, handler }: Declared): ValueSchema | undefined {
    return createValueSchema(schema, {
      side,
      unknownFields: handler.unknownFields ?? 'strip',
      validation: handler.validation ?? 'full',
      validatorModules: this.validatorModules,
      report: (problem) => this.problem(label, problem),
      warn: (warning) => {
        const key = warning.field ?? label;
        if (!this.warnings.has(key)) this.warnings.set(key, { where: label, ...warning });
      },
    });
  }

  private revert(revert: NonNullable<Declared['revert']>): RevertDefinition {
    this.checkAlso(revert.also, revert.label);
    const ttlMs = this.duration('revertibleFor', revert.revertibleFor, revert.label) ?? DEFAULT_COMPENSATION_TTL_MS;
    return Object.freeze({ label: revert.label, ttlMs, also: new Set(revert.also), invoke: revert.invoke });
  }

  private checkAlso(also: unknown, label: string): void {
    if (also === undefined) return;
    const entries: readonly unknown[] = Array.isArray(also) ? also : [];
    const isKnown = (entry: unknown): boolean => entry === 'failed' || entry === 'unknown';
    if (Array.isArray(also) && entries.every(isKnown)) return;
    this.problem(label, {
      field: 'also',
      message: `${JSON.stringify(also)} is not a list of outcomes without an output`,
      fix: "use ['failed'], ['unknown'] or ['failed', 'unknown']",
    });
  }

  private duration(field: string, value: Duration | undefined, label: string): number | undefined {
    if (value === undefined) return undefined;
    let ms: number | undefined;
    try {
      ms = durationMs(value, field);
    } catch {
      // Reported below like other boot problems.
    }
    if (ms !== undefined && ms > 0) return ms;
    this.problem(label, {
      field,
      message: `${typeof value === 'string' ? JSON.stringify(value) : String(value)} is not a duration above zero`,
      fix: "write milliseconds (30000) or a string such as '500ms', '30s', '5m', '2h' or '7d'",
    });
    return undefined;
  }

  private problem(where: string, problem: Omit<BootProblem, 'where'>): void {
    this.problems.push({ where, ...problem });
  }
}

const delegateHandler =
  (call: MethodCaller, { method, takes = 'task' }: HandlerRecord): Invoke =>
  (_, argument) =>
    call({ kind: 'handler', method, takes, argument: argument as Task });

const delegateRevert =
  (call: MethodCaller, method: string | symbol): Invoke =>
  (_, argument) =>
    call({ kind: 'revert', method, argument: argument as RevertSource });

const isSource = (source: unknown): source is ServiceSource =>
  typeof source === 'function' || (typeof source === 'object' && source !== null);
