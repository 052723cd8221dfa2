import { DEFAULT_COMPENSATION_TTL_MS, NO_OUTPUT_ERROR, readRevertOutcome, readTaskOutcome, type TaskResult } from '.';

const answer = (members: Partial<TaskResult>): TaskResult => ({
  type: 'task_result',
  serviceId: 's_a',
  idempotencyKey: 'k',
  result: null,
  ...members,
});

describe('the response of a task', () => {
  it('an error with a value is a failure, with its details', () => {
    const failure = { code: 'CARD_DECLINED', retryable: false };
    expect(readTaskOutcome(answer({ result: { task: {} }, error: 'declined', failure }))).toEqual({
      kind: 'failed',
      error: 'declined',
      failure,
    });
    expect(readTaskOutcome(answer({ error: 'declined', failure: null }))).toEqual({
      kind: 'failed',
      error: 'declined',
    });
  });

  it('an empty error with a value is a success, and without a value a failure with a message', () => {
    expect(readTaskOutcome(answer({ result: { task: 1 }, error: '' }))).toEqual({ kind: 'completed', output: 1 });
    expect(readTaskOutcome(answer({ error: '' }))).toEqual({
      kind: 'failed',
      error: NO_OUTPUT_ERROR,
      failure: { code: 'ORRA_UNREADABLE_OUTCOME', retryable: true },
      effect: 'unknown',
    });
  });

  it('E10: the effect of a failure is unknown only if the service reports it or the response has no output', () => {
    const failure = { code: 'C', retryable: false };
    const effectOf = (members: object) => {
      const outcome = readTaskOutcome(answer({ error: 'no', failure: { ...failure, ...members } }));
      return outcome.kind === 'failed' ? outcome.effect : outcome.kind;
    };
    expect([effectOf({}), effectOf({ effect: 'none' }), effectOf({ effect: 'unknown' })]).toEqual([
      undefined,
      undefined,
      'unknown',
    ]);
  });

  it('an explicit null is an output', () => {
    expect(readTaskOutcome(answer({ result: { task: null } }))).toEqual({ kind: 'completed', output: null });
  });

  it.each([
    [
      { data: { a: 1 }, ttl: 1_000 },
      { data: { a: 1 }, ttlMs: 1_000 },
    ],
    [{ data: 'd' }, { data: 'd', ttlMs: DEFAULT_COMPENSATION_TTL_MS }],
    [{ ttl: 0 }, { data: null, ttlMs: DEFAULT_COMPENSATION_TTL_MS }],
    [
      { ttl: -5, data: false },
      { data: false, ttlMs: DEFAULT_COMPENSATION_TTL_MS },
    ],
    [{ ttl: '1h' }, { data: null, ttlMs: DEFAULT_COMPENSATION_TTL_MS }],
    [null, undefined],
    ['text', undefined],
  ])('compensation %j is read as %j', (compensation, expected) => {
    const outcome = readTaskOutcome(answer({ result: { task: {}, compensation } }));
    expect(outcome.kind === 'completed' ? outcome.compensation : 'failed').toEqual(expected);
  });
});

describe('the response of a revert', () => {
  it.each([
    [{ status: 'completed' }, { kind: 'completed' }],
    [null, { kind: 'completed' }],
    [{ status: 'whatever' }, { kind: 'completed' }],
    [{ status: 'partial' }, { kind: 'partial', completed: [], remaining: [] }],
    [
      { status: 'partial', partial: { completed: ['a', 1], remaining: 'b' } },
      { kind: 'partial', completed: ['a'], remaining: [] },
    ],
    [
      { status: 'failed', error: 'gone' },
      { kind: 'refused', status: 'failed', error: 'gone' },
    ],
    [
      { status: 'expired', error: '' },
      { kind: 'refused', status: 'expired', error: 'the service reported the compensation as expired' },
    ],
  ])('%j is read as %j', (result, expected) => {
    expect(readRevertOutcome(answer({ result }))).toEqual(expected);
  });

  it('an error is a retryable failure, regardless of the status', () => {
    expect(readRevertOutcome(answer({ result: { status: 'completed' }, error: 'no' }))).toEqual({
      kind: 'failed',
      error: 'no',
    });
  });
});
