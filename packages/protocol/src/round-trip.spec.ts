/** Valid values are unchanged after encoding and parsing. Malformed ones do not throw, and their errors have a path. */
import fc from 'fast-check';
import { bodies, engineMessages, json, serviceMessages, wrapped } from '../test/arbitraries';
import {
  CompensationDataSchema,
  DefinedPlanSchema,
  encodeMessage,
  EngineCapabilitiesSchema,
  parseEngineMessage,
  type ParseErrorCode,
  type ParseResult,
  parseServiceMessage,
  parseValue,
  PlanSchema,
  ProjectRegisteredSchema,
  ProjectRegistrationSchema,
  readAckId,
  readRevertOutcome,
  readTaskOutcome,
  schemaProblems,
  ServiceRegisteredSchema,
  ServiceRegistrationSchema,
  SubmissionSchema,
} from '.';

const BODY_SCHEMAS = {
  CompensationData: CompensationDataSchema,
  EngineCapabilities: EngineCapabilitiesSchema,
  Plan: PlanSchema,
  DefinedPlan: DefinedPlanSchema,
  ServiceRegistration: ServiceRegistrationSchema,
  ServiceRegistered: ServiceRegisteredSchema,
  ProjectRegistration: ProjectRegistrationSchema,
  ProjectRegistered: ProjectRegisteredSchema,
  Submission: SubmissionSchema,
};
const names = <T extends object>(record: T): (keyof T & string)[] => Object.keys(record) as (keyof T & string)[];

describe('round trip', () => {
  it.each(names(engineMessages))('%s of an engine', (name) => {
    fc.assert(
      fc.property(engineMessages[name], (message) => {
        const text = JSON.stringify(message);
        const parsed = parseEngineMessage(text);
        expect(parsed).toMatchObject({ ok: true });
        expect(parsed.ok && parsed.value.type).toBe(name);
        expect(parsed.ok && encodeMessage(parsed.value)).toBe(text);
      }),
    );
  });

  it.each(names(serviceMessages))('%s of a service, in its wrapper', (name) => {
    fc.assert(
      fc.property(wrapped(serviceMessages[name]), (message) => {
        const text = JSON.stringify(message);
        const parsed = parseServiceMessage(text);
        expect(parsed).toMatchObject({ ok: true });
        expect(parsed.ok && parsed.value.payload.type).toBe(name);
        expect(parsed.ok && encodeMessage(parsed.value)).toBe(text);
      }),
    );
  });

  it.each(names(BODY_SCHEMAS))('%s', (name) => {
    fc.assert(
      fc.property(bodies[name], (body) => {
        const text = JSON.stringify(body);
        const parsed = parseValue(BODY_SCHEMAS[name], JSON.parse(text));
        expect(parsed).toMatchObject({ ok: true });
        expect(parsed.ok && JSON.stringify(parsed.value)).toBe(text);
      }),
    );
  });

  it('an ACK is parsed without decoding JSON exactly if it has its usual form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const text = JSON.stringify({ type: 'ACK', id });
        const isPlain = JSON.stringify(id) === `"${id}"`;
        expect(readAckId(text)).toBe(isPlain ? id : undefined);
        expect(parseEngineMessage(text)).toEqual({ ok: true, value: { type: 'ACK', id } });
      }),
    );
    expect(readAckId('{"type":"ACK","id":"a","more":"b"}')).toBeUndefined();
    expect(readAckId('{"id":"a","type":"ACK"}')).toBeUndefined();
  });
});

describe('letter case', () => {
  const shout = (value: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toUpperCase(), member]));

  it.each(names(serviceMessages))(
    '%s has the same meaning in upper case, down to the members of its result',
    (name) => {
      // Without unknown members, which are different ones in upper case.
      const known = (value: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(value).filter(([member]) => !member.startsWith('x')));
      fc.assert(
        fc.property(fc.string(), serviceMessages[name].map(known), (id, payload) => {
          const result = payload['result'] as Record<string, unknown> | null | undefined;
          const plain = result ? { ...payload, result: known(result) } : payload;
          const loud = result ? { ...payload, result: shout(known(result)) } : payload;
          const parsed = parseServiceMessage(JSON.stringify({ ID: id, Payload: shout(loud) }));
          expect(parsed.ok ? parsed.value : parsed.error).toEqual({ id, payload: plain });
        }),
      );
    },
  );

  it('an exact spelling has precedence over another one', () => {
    const parsed = parseServiceMessage(
      '{"ID":"loud","id":"plain","payload":{"TYPE":"x","type":"pong","serviceId":"s_a"}}',
    );
    expect(parsed).toEqual({ ok: true, value: { id: 'plain', payload: { type: 'pong', serviceId: 's_a' } } });
  });
});

const CODES: ParseErrorCode[] = [
  'not_json',
  'not_an_object',
  'no_wrapper',
  'no_type',
  'unknown_type',
  'invalid_member',
];
const expectTyped = (parsed: ParseResult<unknown>): void => {
  if (parsed.ok) return;
  expect(CODES).toContain(parsed.error.code);
  expect(parsed.error.path).toMatch(/^(\/|$)/);
  expect(parsed.error.message).not.toBe('');
};

describe('malformed input', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    json.map((payload) => JSON.stringify({ id: 'm', payload })),
    json.map((result) => JSON.stringify({ id: 'm', payload: { type: 'task_result', result } })),
    fc.constantFrom('ping', 'ACK', 'task_request', 'toString', '__proto__').map((type) => JSON.stringify({ type })),
    fc.constantFrom('pong', 'constructor', '').map((type) => JSON.stringify({ id: 1, payload: { type } })),
  );

  it('no string makes a parser throw, and every error has a code, a path and a message', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expectTyped(parseEngineMessage(text));
        expectTyped(parseServiceMessage(text));
      }),
      { numRuns: 500 },
    );
  });

  it('no value makes a schema check or an outcome reader throw', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const schema of Object.values(BODY_SCHEMAS)) expectTyped(parseValue(schema, value));
        expect(Array.isArray(schemaProblems(value))).toBe(true);
        expect(Array.isArray(schemaProblems({ input: value, output: value }))).toBe(true);
        const message = { type: 'task_result' as const, serviceId: 's', idempotencyKey: 'k', result: { task: value } };
        expect(readTaskOutcome({ ...message, result: value as never }).kind).toMatch(/completed|failed/);
        expect(readTaskOutcome({ ...message, result: { task: 1, compensation: value } })).toMatchObject({ output: 1 });
        readRevertOutcome({ ...message, result: { status: 'partial', partial: value, error: value } });
        readRevertOutcome({ ...message, result: { status: 'failed', error: value } });
      }),
      { numRuns: 300 },
    );
  });

  it('deep nesting does not overflow the stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(parseServiceMessage(deep)).toMatchObject({ error: { code: 'not_an_object' } });
    expect(parseServiceMessage(`{"id":"m","payload":{"type":"task_result","result":${deep}}}`)).toMatchObject({
      error: { code: 'invalid_member' },
    });
    expect(parseEngineMessage(`{"type":${deep}}`)).toMatchObject({ error: { code: 'no_type', path: '/type' } });
    let schema: unknown = { type: 'string' };
    for (let depth = 0; depth < 100_000; depth++) schema = { type: 'array', items: schema };
    const input = { type: 'object', properties: { a: schema } };
    expect(schemaProblems({ input, output: input }).map(({ message }) => message)).toEqual([
      'a schema may be nested 64 levels deep',
      'a schema may be nested 64 levels deep',
    ]);
  });

  const required = {
    ping: [],
    ACK: ['id'],
    task_request: ['id', 'input', 'executionId', 'idempotencyKey', 'serviceId'],
    task_cancel: ['id', 'idempotencyKey', 'serviceId'],
    compensation_request: ['id', 'input', 'executionId', 'idempotencyKey', 'serviceId'],
  };
  it.each(names(required))('%s: the error for a missing member has its path', (name) => {
    fc.assert(
      fc.property(engineMessages[name], (message) => {
        for (const member of required[name]) {
          const { [member]: _removed, ...rest } = message;
          expect(parseEngineMessage(JSON.stringify(rest))).toMatchObject({
            ok: false,
            error: { code: 'invalid_member', path: `/${member}`, about: { type: name } },
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  const requiredOfServices = {
    pong: ['serviceId'],
    task_status: ['serviceId'],
    task_interim_result: ['serviceId', 'idempotencyKey', 'result'],
    task_abort_result: ['serviceId', 'idempotencyKey', 'result'],
    task_result: ['serviceId', 'idempotencyKey', 'result'],
  };
  it.each(names(requiredOfServices))(
    '%s: a missing member is named by its path, and acknowledged by the Go engine',
    (name) => {
      fc.assert(
        fc.property(serviceMessages[name], (message) => {
          for (const member of requiredOfServices[name]) {
            const { [member]: _removed, ...payload } = message;
            expect(parseServiceMessage(JSON.stringify({ id: 'm', payload }))).toMatchObject({
              ok: false,
              error: { code: 'invalid_member', path: `/payload/${member}`, ackId: 'm' },
            });
          }
        }),
        { numRuns: 20 },
      );
    },
  );

  it('a member that is not a string makes a message undecodable: it is refused with its path and without an ACK, regardless of other errors', () => {
    const members = ['type', 'taskId', 'executionId', 'serviceId', 'idempotencyKey', 'error', 'status'];
    const noText = fc.oneof(fc.integer(), fc.boolean(), fc.constant({}), fc.constant([]));
    fc.assert(
      fc.property(fc.constantFrom(...members), noText, (member, value) => {
        const payload = { type: 'task_result', [member]: value };
        const parsed = parseServiceMessage(JSON.stringify({ id: 'm', payload }));
        expect(parsed).toMatchObject({ ok: false, error: { code: 'invalid_member', path: `/payload/${member}` } });
        expect(parsed.ok ? undefined : parsed.error.ackId).toBeUndefined();
      }),
    );
  });

  it('null counts as absent, as in the Go engine', () => {
    const payload = { type: 'task_status', serviceId: 's_a', taskId: null, executionId: null, status: null };
    expect(parseServiceMessage(JSON.stringify({ id: null, payload }))).toEqual({
      ok: true,
      value: { id: '', payload: { type: 'task_status', serviceId: 's_a' } },
    });
  });

  it('the id `pong` is never acknowledged', () => {
    for (const payload of [null, {}, { type: 'bogus' }, { type: 'task_result' }]) {
      const parsed = parseServiceMessage(JSON.stringify({ id: 'pong', payload }));
      expect(parsed.ok ? 'accepted' : parsed.error.ackId).toBeUndefined();
    }
  });

  it('errors shorten the values they show, and omit lists and objects', () => {
    const long = parseEngineMessage(JSON.stringify({ type: 'y'.repeat(10_000) }));
    expect(long.ok ? '' : long.error.message.length).toBeLessThan(100);
    const secret = parseServiceMessage(JSON.stringify({ id: 'm', payload: { type: { secret: 1 } } }));
    expect(secret.ok ? '' : secret.error.message).toBe('expected a string, found an object');
  });
});
