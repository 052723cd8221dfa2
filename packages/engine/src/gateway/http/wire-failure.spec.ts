import { ENGINE_ERRORS, engineError, type EngineErrorCode } from '../../errors';
import { toWireFailure } from './wire-failure';

const codes = Object.keys(ENGINE_ERRORS) as EngineErrorCode[];
const hasBody = (code: EngineErrorCode): boolean => {
  const { wire } = ENGINE_ERRORS[code];
  return typeof wire === 'object' && wire.kind !== undefined;
};

describe('toWireFailure', () => {
  it.each(codes.filter(hasBody))('%s becomes the response of its registry entry', (code) => {
    const { wire } = ENGINE_ERRORS[code];
    const { status, kind, code: wireCode } = wire as Exclude<typeof wire, string>;
    const failure = toWireFailure(engineError(code, 'what happened', { details: { param: 'name' } }));
    expect(failure?.status).toBe(status);
    expect([failure?.body.error.kind, failure?.body.error.code]).toEqual([kind, wireCode]);
  });

  it.each(codes.filter((code) => !hasBody(code)))('%s is a defect in a request, so its message is not sent', (code) => {
    expect(toWireFailure(engineError(code, 'what happened'))).toBeUndefined();
  });

  it('sets Retry-After only for errors that are retryable', () => {
    const stopping = (retryable: boolean) => toWireFailure(engineError('ORRA_ENGINE_STOPPING', 'm', { retryable }));
    expect(stopping(true)?.retryAfterSeconds).toBe(1);
    expect(stopping(false)?.retryAfterSeconds).toBeUndefined();
    expect(toWireFailure(engineError('ORRA_ENGINE_FULL', 'm'))?.retryAfterSeconds).toBe(5);
  });
});
