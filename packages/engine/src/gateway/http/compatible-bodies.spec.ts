import { decodeProject, decodeService, decodeSubmission } from './compatible-bodies';
import { WireFailure } from './wire-failure';

const refusal = (act: () => unknown): WireFailure => {
  try {
    act();
  } catch (error) {
    if (error instanceof WireFailure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};
const json = (value: unknown): string => JSON.stringify(value);
const schema = { input: { type: 'object', properties: { a: { type: 'string' } } }, output: { type: 'object' } };

describe('a submission', () => {
  test('is read as the public CLI writes it: a capital C, null data', () => {
    expect(decodeSubmission('{"action":{"Content":"Ship"},"data":null}')).toEqual({
      action: { content: 'Ship' },
      data: null,
    });
  });

  test('may leave out everything, and a missing field or value is a zero value', () => {
    expect(decodeSubmission('{}')).toEqual({});
    expect(decodeSubmission('null')).toEqual({});
    expect(decodeSubmission('{"data":[{"FIELD":"a","Value":1},{},null]}').data).toEqual([
      { field: 'a', value: 1 },
      { field: '', value: null },
      { field: '', value: null },
    ]);
  });

  test.each(['45s', '1h30m', 5_000_000_000, { Duration: 1e9 }, null, '0s', -1])('takes the duration %j', (timeout) => {
    expect(decodeSubmission(json({ timeout })).timeout).toEqual(timeout);
  });

  test.each([
    [{ timeout: 'abc' }, 'time: invalid duration "abc"'],
    [{ healthCheckGracePeriod: '5 parsecs' }, 'time: invalid duration "5 parsecs"'],
  ])('refuses the duration in %j with the Go engine’s message', (body, message) => {
    expect(refusal(() => decodeSubmission(json(body))).body).toEqual({
      error: { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail', message },
    });
  });

  test.each([
    [{ action: 5 }],
    [{ action: { content: 5 } }],
    [{ data: {} }],
    [{ data: [5] }],
    [{ data: [{ field: 5 }] }],
  ])('refuses the type mismatch in %j', (body) => {
    const { status, body: answer } = refusal(() => decodeSubmission(json(body)));
    expect([status, answer.error.code]).toEqual([400, 'Orra:JSONMarshalingFail']);
  });
});

describe('a service registration', () => {
  test('is read in any letter case, the schema’s keywords included, property names as they are', () => {
    const body = '{"Name":"echo","SCHEMA":{"Input":{"TYPE":"object","Properties":{"Type":{"Type":"string"}}}}}';
    expect(decodeService(body)).toEqual({
      name: 'echo',
      schema: { input: { type: 'object', properties: { Type: { type: 'string' } } } },
    });
  });

  test('keeps members of the schema that the Go engine drops, and accepts fractional bounds', () => {
    const input = { type: 'number', minimum: 0.5, description: 'a share', enum: [1, 2] };
    expect(decodeService(json({ schema: { input } })).schema).toEqual({ input });
  });

  test('null members of the schema are absent ones', () => {
    expect(decodeService(json({ schema: { ...schema, input: { type: null, items: null } } })).schema).toEqual({
      ...schema,
      input: {},
    });
  });

  test.each([
    [{ schema: { input: { type: ['string'] } } }, 'schema.input.type'],
    [
      { schema: { input: { type: 'object', properties: { x: { required: 'x' } } } } },
      'schema.input.properties[x].required',
    ],
    [{ schema: { output: { items: [] } } }, 'schema.output.items'],
    [{ type: 'bogus' }, 'type'],
    [{ revertible: 'yes' }, 'revertible'],
    [{ schema: [] }, 'schema'],
  ])('refuses the type mismatch in %j and names the member', (body, member) => {
    const { status, body: answer } = refusal(() => decodeService(json(body)));
    expect([status, answer.error.code]).toEqual([400, 'Orra:JSONMarshalingFail']);
    expect(answer.error.message).toContain(member);
  });

  test('a schema of five thousand levels is refused and does not exhaust the stack', () => {
    const deep = `{"schema":{"input":${'{"items":'.repeat(5_000)}{}${'}'.repeat(5_000)}}}`;
    expect(refusal(() => decodeService(deep)).body.error.message).toContain('nested more than');
  });
});

describe('a project registration', () => {
  test('may be empty or null, but not nothing', () => {
    expect(decodeProject('{}')).toEqual({});
    expect(decodeProject('null')).toEqual({});
    expect(refusal(() => decodeProject('')).body.error).toEqual({
      kind: 'invalid request error',
      code: 'Orra:JSONMarshalingFail',
      message: 'EOF',
    });
  });

  test.each(['', 'a b', 'a\n'])('refuses the additional key %j, which no header could carry', (key) => {
    const { body } = refusal(() => decodeProject(json({ additionalAPIKeys: [key] })));
    expect(body.error).toMatchObject({ kind: 'input validation error', param: 'additionalAPIKeys' });
  });
});
