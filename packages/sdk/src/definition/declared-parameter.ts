import type { HandlerRecord } from '../metadata/records';
import { isClass, type ClassType } from '../schema';
import { Task } from '../task';

/**
 * Name of the class of the first parameter if a handler that gets a `Task` declares another one. Known only where the
 * compiler emitted it (`emitDecoratorMetadata`), and used only for this check: nothing is derived from it.
 */
export function wrongParameter(cls: ClassType, { method, takes = 'task' }: HandlerRecord): string | undefined {
  if (takes !== 'task') return undefined;
  const prototype: unknown = cls.prototype;
  const [parameter] = (Reflect.getMetadata('design:paramtypes', prototype as object, method) ?? []) as unknown[];
  // Types without a class are emitted as `Object`. The name also accepts the class of another copy of this package.
  const isTask = parameter === Task || (isClass(parameter) && parameter.name === Task.name);
  return isClass(parameter) && parameter !== Object && !isTask ? parameter.name : undefined;
}
