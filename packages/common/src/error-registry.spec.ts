import { defineErrors, errorBuilder } from './error-registry';
import { OrraError } from './orra-error';

const error = errorBuilder(
  defineErrors({
    ORRA_BUSY: { cause: 'It is busy.', remedy: 'Retry.', retryable: true },
    ORRA_STOPPING: { cause: 'It is stopping.', remedy: 'See `retryable`.', retryable: 'sometimes' },
    ORRA_BROKEN: { cause: 'It is broken.', remedy: 'Repair it.' },
  }),
);

describe('errorBuilder', () => {
  it('creates errors of the registry, retryable only if the entry is always retryable', () => {
    const retryable = (['ORRA_BUSY', 'ORRA_STOPPING', 'ORRA_BROKEN'] as const).map(
      (code) => error(code, 'm').retryable,
    );
    expect(retryable).toEqual([true, false, false]);
    expect(error('ORRA_BROKEN', 'm', { details: { id: 1 } })).toMatchObject({
      code: 'ORRA_BROKEN',
      details: { id: 1 },
    });
    expect(error('ORRA_BROKEN', 'm')).toBeInstanceOf(OrraError);
  });

  it('the options of an error override the entry', () => {
    expect(error('ORRA_BUSY', 'm', { retryable: false }).retryable).toBe(false);
    expect(error('ORRA_STOPPING', 'm', { retryable: true }).retryable).toBe(true);
  });

  it('accepts only registered codes', () => {
    // @ts-expect-error the code is not registered
    error satisfies (code: 'ORRA_OTHER', message: string) => OrraError;
  });
});
