/** Holds responses of an engine to its own `/openapi.json`. */
import Ajv2020 from 'ajv/dist/2020';
import type { ErrorObject, ValidateFunction } from 'ajv';

type Members = Readonly<Record<string, unknown>>;

interface MediaType {
  readonly schema: Members;
  readonly 'x-event-data'?: Members;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Operation {
  /** Such as `GET /plans/{name}`. */
  readonly name: string;
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'name'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Members>> };
}

export class ApiContract {
  /** Operations and statuses that were checked, such as `GET /plans/{name} 200`. */
  readonly checked = new Set<string>();
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: Document) {
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method.toUpperCase()} ${path}` })),
    );
    this.ajv.addSchema(closed({ components: document.components }) as object, 'api');
  }

  /** Undefined when the path has no such method, or does not exist. */
  operation(method: string, target: string): Operation | undefined {
    const [path = ''] = target.split('?');
    return this.operations.find(({ name }) => {
      const [itsMethod = '', template = ''] = name.split(' ');
      return itsMethod === method && new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
    });
  }

  /** What the response breaks; empty when it keeps the contract. */
  problems(method: string, target: string, { status, headers, text }: ReceivedResponse): string[] {
    const operation = this.operation(method, target);
    if (!operation) return [`${method} ${target} is not documented`];
    const where = `${operation.name} ${status}`;
    this.checked.add(where);
    const documented = operation.responses[status] ?? (status >= 500 ? operation.responses['default'] : undefined);
    if (!documented) return [`${where} is not documented`];
    const type = headers.get('content-type')?.split(';')[0];
    if (!documented.content) return text === '' ? [] : [`${where} has a body, which is not documented`];
    const media = documented.content[type ?? ''];
    if (!media) return [`${where} is ${type}, which is not documented`];
    return type === 'application/json' ? this.violations(where, media.schema, JSON.parse(text)) : [];
  }

  /** What the data of one event breaks. */
  eventProblems(method: string, target: string, data: unknown): string[] {
    const media = this.operation(method, target)?.responses['200']?.content?.['text/event-stream'];
    const schema = media?.['x-event-data'];
    return schema ? this.violations(target, schema, data) : [`${target} documents no events`];
  }

  /** Follows references. */
  resolve(schema: Members): Members {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return schema;
    const found = this.document.components.schemas[$ref.replace('#/components/schemas/', '')];
    if (!found) throw new Error(`${$ref} leads nowhere`);
    return this.resolve(found);
  }

  private violations(where: string, schema: Members, value: unknown): string[] {
    const key = JSON.stringify(schema);
    let validate = this.validators.get(key);
    if (!validate) {
      validate = this.ajv.compile(JSON.parse(key.replaceAll('"#/components', '"api#/components')) as Members);
      this.validators.set(key, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${where}: ${describeError(error)} in ${JSON.stringify(value)}`);
  }
}

export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const describeError = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath} ${message} ${JSON.stringify(params)}`;

/** Objects accept only the members that they list, so that a member which nobody documented is found. */
function closed(schema: unknown, name = ''): unknown {
  if (Array.isArray(schema)) return schema.map((item) => closed(item));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value, key)]));
  // A service's schema keeps members of any name.
  const isOpen = name === 'Spec' || !('properties' in members) || 'additionalProperties' in members;
  return isOpen || members['type'] !== 'object' ? members : { ...members, additionalProperties: false };
}
