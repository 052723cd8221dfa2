/**
 * A saved plan as code that compiles on its own: services as `remoteService`, the data as `jsonSchema`, the plan as
 * `definePlan`. An application that loads it registers the same plan as the YAML file.
 */
import { isJsonObject, parseReference, TASK_ZERO, formatInputPath } from '@orra-ts/protocol';
import { CliError } from '../errors';
import {
  type Print,
  memberAccess,
  areBulky,
  indentation,
  arrayCode,
  objectCode,
  stringLiteral,
  scalarCode,
  valueCode,
} from './code-printer';
import { Identifiers } from './identifiers';
import type { JsonSchema } from './input-schema';
import { type DocumentTask, type PlanDocument, taskIdsIn } from './plan-document';
import { isAssignable, isScalarAssignable, shapeOf, typeCode } from './schema-type';
import { mapLeaves } from './walk-input';

export interface ServiceTypes {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** Members that the proxy of a reference defines itself, or that make it look like a promise. */
const UNNAMEABLE_MEMBERS = ['then', 'toJSON', 'toString', 'valueOf'];

const POSITION = /^(?:0|[1-9]\d*)$/;

/**
 * @param services all services of the plan, by name
 * @param comment lines of a comment above the code
 * @throws CliError `ORRA_PLAN_NOT_SAVED` when `definePlan` cannot express the plan
 */
export function renderPlanCode(
  document: PlanDocument,
  services: ReadonlyMap<string, ServiceTypes>,
  comment: readonly string[],
): string {
  rejectUnnameableMembers(document);
  const identifiers = new Identifiers();
  const plan = identifiers.create(document.name, 'Plan');
  const variables = new Map([...services.keys()].map((name) => [name, identifiers.create(name, 'Service')]));
  const declarations = [...services].map(([name, { input, output }]) => {
    const types = objectCode([
      ['name', () => stringLiteral(name)],
      ['input', schemaCode(input)],
      ['output', schemaCode(output)],
    ]);
    return `const ${variables.get(name)} = remoteService(${types(0, 0)});`;
  });
  return [
    [
      ...comment.map((line) => `// ${line}`.trimEnd()),
      `// Run it with: OrraFactory.create({ plans: [${plan}], ... })`,
      "import { definePlan, jsonSchema, remoteService } from '@orra-ts/sdk';",
    ].join('\n'),
    ...declarations,
    `const input = ${schemaCode(document.input)(0, 0)};`,
    `export const ${plan} = ${planCode(document, services, variables)};\n`,
  ].join('\n\n');
}

function rejectUnnameableMembers({ tasks }: PlanDocument): void {
  for (const { id, input } of tasks) {
    mapLeaves(input, (value, path) => {
      const step = parseReference(value)?.path.find((name) => UNNAMEABLE_MEMBERS.includes(name) || /\s/.test(name));
      if (step === undefined) return value;
      throw new CliError(
        'ORRA_PLAN_NOT_SAVED',
        `${id}.${formatInputPath(path)} refers to a member \`${step}\`, which definePlan cannot express`,
        { next: 'save it without --code' },
      );
    });
  }
}

const schemaCode =
  (schema: JsonSchema): Print =>
  (level, column) => {
    const isEmpty = Object.keys(shapeOf(schema).properties ?? {}).length === 0;
    const type = isEmpty ? 'Record<string, never>' : typeCode(schema, level, column);
    return `jsonSchema<${type}>(${valueCode(schema)(level, column)})`;
  };

function planCode(
  { name, action, description, input, compensation, tasks }: PlanDocument,
  services: ReadonlyMap<string, ServiceTypes>,
  variables: ReadonlyMap<string, string>,
): string {
  const inputs = new InputPrinter(input, tasks, services);
  const used = new Set(tasks.flatMap((task) => [...taskIdsIn(task.input)]));
  const statements = tasks.map((task, i) => {
    const isResult = i === tasks.length - 1;
    const begin = isResult ? 'return ' : used.has(task.id) ? `const ${task.id} = ` : '';
    return `${indentation(2)}${begin}p.task(${variables.get(task.service)}, ${inputs.inputOf(task)});`;
  });
  const options = objectCode([
    ['name', () => stringLiteral(name)],
    ['description', () => stringLiteral(description)],
    ...(compensation ? [['compensation', () => stringLiteral(compensation)] as const] : []),
  ]);
  return [
    'definePlan(',
    `  ${stringLiteral(action)},`,
    '  input,',
    `  (${inputs.usesData ? 'p, data' : 'p'}) => {`,
    ...statements,
    '  },',
    `  ${options(1, 2)},`,
    ')',
  ].join('\n');
}

/** Prints the inputs of tasks, with casts where the compiler knows less than the engine. */
class InputPrinter {
  usesData = false;
  private readonly outputs: ReadonlyMap<string, JsonSchema>;

  constructor(
    private readonly data: JsonSchema,
    tasks: readonly DocumentTask[],
    private readonly services: ReadonlyMap<string, ServiceTypes>,
  ) {
    this.outputs = new Map(tasks.map(({ id, service }) => [id, services.get(service)?.output ?? {}]));
  }

  /** Prints the input of `p.task(service, …)` in a line of level 2. */
  inputOf({ service, input }: DocumentTask): string {
    return this.printValue(input, this.services.get(service)?.input ?? {})(2, 0);
  }

  private printValue(value: unknown, wanted: JsonSchema): Print {
    const reference = parseReference(value);
    if (reference) {
      const { code, schema } = this.reference(reference.taskId, reference.path);
      return withCast(() => code, schema === 'any' || isAssignable(schema, wanted));
    }
    const { kinds, items, properties, required, anyMember } = shapeOf(wanted);
    if (Array.isArray(value)) {
      const code = arrayCode(
        value.map((item) => this.printValue(item, items ?? {})),
        areBulky(value),
      );
      return withCast(code, !kinds || kinds.has('array'));
    }
    if (isJsonObject(value)) {
      const member = (name: string): JsonSchema | undefined =>
        properties && Object.hasOwn(properties, name) ? properties[name] : anyMember;
      const names = Object.keys(value);
      const isComplete = [...required].every((name) => names.includes(name));
      const isKnown = (!properties && !anyMember) || names.every((name) => member(name) !== undefined);
      const code = objectCode(names.map((name) => [name, this.printValue(value[name], member(name) ?? {})]));
      return withCast(code, !kinds || (kinds.has('object') && isComplete && isKnown));
    }
    return withCast(() => scalarCode(value), isScalarAssignable(value, wanted));
  }

  private reference(taskId: string, path: readonly string[]): { code: string; schema: JsonSchema | 'any' } {
    const isData = taskId === TASK_ZERO;
    if (isData) this.usesData = true;
    let code = isData ? 'data' : taskId;
    let schema: JsonSchema | 'any' = isData ? this.data : (this.outputs.get(taskId) ?? {});
    for (const step of path) {
      const next: Step | undefined = schema === 'any' ? undefined : stepInto(schema, step);
      if (next) code += next.code;
      // The type does not have this member. The engine does, or it rejects the plan.
      else
        code = `${schema === 'any' ? code : `(${code} as any)`}${POSITION.test(step) ? `[${step}]` : memberAccess(step)}`;
      schema = next?.schema ?? 'any';
    }
    return { code, schema };
  }
}

interface Step {
  readonly code: string;
  readonly schema: JsonSchema;
}

/** Adds `!` if the value is optional, because an absent value is omitted when the plan runs. */
function stepInto(schema: JsonSchema, step: string): Step | undefined {
  const { kinds, items, properties, required, anyMember } = shapeOf(schema);
  if (kinds?.has('array') && items && POSITION.test(step)) return { code: `[${step}]!`, schema: items };
  if (properties && Object.hasOwn(properties, step)) {
    return { code: `${memberAccess(step)}${required.has(step) ? '' : '!'}`, schema: properties[step] ?? {} };
  }
  // `noPropertyAccessFromIndexSignature` requires brackets for index signatures.
  return !properties && anyMember ? { code: `[${stringLiteral(step)}]!`, schema: anyMember } : undefined;
}

const withCast = (print: Print, needsNoCast: boolean): Print =>
  needsNoCast ? print : (level, column) => `${print(level, column)} as never`;
