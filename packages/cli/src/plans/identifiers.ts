/** Variable names for services and plans: `my.service-2` becomes `myService2`. */

/** Reserved words, names in the generated code, and globals that must not be shadowed. */
const RESERVED = [
  'break case catch class const continue debugger default delete do else enum export extends false finally for',
  'function if import in instanceof new null return super switch this throw true try typeof var void while with',
  'implements interface let package private protected public static yield await async arguments eval undefined',
  'p data input definePlan jsonSchema remoteService any never unknown string number boolean object symbol',
].flatMap((line) => line.split(' '));
/** Variables for the outputs of tasks. */
const TASK = /^task\d+$/;

export class Identifiers {
  private readonly taken = new Set(RESERVED);

  /** Returns an unused identifier. @param suffix added to a name that is not usable alone */
  create(name: string, suffix: string): string {
    const camel = name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
    const base = /^[a-z]/i.test(camel) ? camel : `${suffix.toLowerCase()}${camel}`;
    const preferred = this.isFree(base) ? base : `${base}${suffix}`;
    let identifier = preferred;
    for (let n = 2; !this.isFree(identifier); n++) identifier = `${preferred}_${n}`;
    this.taken.add(identifier);
    return identifier;
  }

  private isFree(identifier: string): boolean {
    return !this.taken.has(identifier) && !TASK.test(identifier);
  }
}
