/** Reads the handlers and reverts of a decorated class, with their names, and reports problems. */
import type { ServiceKind } from '@orra-ts/protocol';
import {
  handlerRecords,
  methodOwners,
  revertRecords,
  serviceRecords,
  staticMethodRecords,
  type HandlerRecord,
  type RevertRecord,
} from '../metadata/records';
import type { ClassType } from '../schema';
import type { BootProblem } from '../boot-error';

export interface ReadHandler {
  /** Name on the wire. */
  readonly name: string;
  readonly handler: HandlerRecord;
  readonly revert?: RevertRecord;
}

export interface ReadClass {
  readonly kind: ServiceKind;
  readonly description: string;
  readonly handlers: readonly ReadHandler[];
  readonly problems: readonly BootProblem[];
}

export function readClass(cls: ClassType): ReadClass {
  const problems: BootProblem[] = [];
  const className = cls.name || 'a class without a name';
  const problem = (where: string, message: string, fix: string): void => void problems.push({ where, message, fix });

  const [service, second] = serviceRecords(cls);
  if (!service) {
    problem(
      className,
      'is not annotated as a service',
      "annotate it with @OrraService({ name, description }) or @OrraAgent; a base class's annotation does not count",
    );
  }
  if (second) problem(className, 'is annotated as a service twice', 'keep one of @OrraService and @OrraAgent');
  for (const method of staticMethodRecords(cls)) {
    problem(`${className}.${String(method)}`, 'is a static method', 'annotate a method of the instance');
  }

  const handlers = handlerRecords(cls);
  const reverts = revertRecords(cls);
  for (const { method } of [...handlers, ...reverts]) {
    const { annotated, implemented } = methodOwners(cls, method);
    if (annotated !== implemented) {
      problem(
        `${className}.${String(method)}`,
        'overrides an annotated method without an annotation of its own',
        'annotate the override too: its types are checked only then',
      );
    }
  }
  if (handlers.length === 0) problem(className, 'has no handler', 'annotate a method with @Handler({ input, output })');
  if (handlers.length > 1) checkNames(className, handlers, problem);

  const revertByHandler = matchReverts(className, handlers, reverts, problem);
  const base = service?.name ?? '';
  return {
    kind: service?.kind ?? 'service',
    description: service?.description ?? '',
    handlers: service
      ? handlers.map((handler) => {
          const revert = revertByHandler.get(handler);
          return { name: wireName(base, handler, handlers.length), handler, revert };
        })
      : [],
    problems,
  };
}

/** Returns `<class name>.<handler name>`; a single handler without a name has the name of its class. */
function wireName(base: string, handler: HandlerRecord, handlers: number): string {
  const name = handler.name ?? (handlers > 1 ? String(handler.method).toLowerCase() : undefined);
  return name === undefined ? base : `${base}.${name}`;
}

type Report = (where: string, message: string, fix: string) => void;

function checkNames(className: string, handlers: readonly HandlerRecord[], problem: Report): void {
  const methodByName = new Map<string, string>();
  for (const { name, method } of handlers) {
    const where = `${className}.${String(method)}`;
    if (name === undefined) {
      problem(
        where,
        `has no name, and ${className} has several handlers`,
        "give each a name: @Handler({ name: 'reserve', ... })",
      );
      continue;
    }
    const other = methodByName.get(name);
    if (other)
      problem(where, `has the same name "${name}" as ${className}.${other}`, 'give each handler a different name');
    methodByName.set(name, String(method));
  }
}

function matchReverts(
  className: string,
  handlers: readonly HandlerRecord[],
  reverts: readonly RevertRecord[],
  problem: Report,
): ReadonlyMap<HandlerRecord, RevertRecord> {
  const matched = new Map<HandlerRecord, RevertRecord>();
  const methods = handlers.map(({ method }) => `'${String(method)}'`).join(', ');
  for (const revert of reverts) {
    const where = `${className}.${String(revert.method)}`;
    if (handlers.some(({ method }) => method === revert.method)) {
      problem(where, 'is both a handler and a revert handler', 'write the revert as a separate method');
      continue;
    }
    if (revert.of === undefined && handlers.length > 1) {
      problem(
        where,
        `does not say which handler it reverts, and there are several: ${methods}`,
        "write @RevertHandler('method')",
      );
      continue;
    }
    const handler = revert.of === undefined ? handlers[0] : handlers.find(({ method }) => method === revert.of);
    if (!handler) {
      if (revert.of !== undefined) {
        problem(
          where,
          `reverts '${revert.of}', which is not a handler of ${className}`,
          methods ? `name one of ${methods}` : 'annotate that method with @Handler',
        );
      }
      continue;
    }
    const other = matched.get(handler);
    if (other) {
      problem(
        where,
        `reverts '${String(handler.method)}', and so does ${className}.${String(other.method)}`,
        'keep one revert for each handler',
      );
      continue;
    }
    matched.set(handler, revert);
  }
  return matched;
}
