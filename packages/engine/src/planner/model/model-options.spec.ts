import { modelFromEnv, resolveModelOptions } from './model-options';

describe('the environment', () => {
  it('of the Go engine is supported', () => {
    expect(
      modelFromEnv({ LLM_MODEL: 'qwq-32b', LLM_API_KEY: 'k', LLM_API_BASE_URL: 'http://localhost:1234/v1/' }),
    ).toEqual({ model: 'qwq-32b', apiKey: 'k', baseUrl: 'http://localhost:1234/v1/' });
    expect(modelFromEnv({ LLM_API_KEY: 'k' })).toEqual({ model: 'o1-mini', apiKey: 'k' });
  });

  it('configures no model without a key or an endpoint; an empty variable counts as unset', () => {
    expect([modelFromEnv({ LLM_MODEL: 'm' }), modelFromEnv({ LLM_API_KEY: ' ', LLM_API_BASE_URL: '' })]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('has variables that the Go engine does not have', () => {
    expect(
      modelFromEnv({
        LLM_API_BASE_URL: 'http://h/v1',
        LLM_MODEL: 'm',
        LLM_ORGANIZATION: 'o',
        LLM_PROJECT: 'p',
        LLM_TEMPERATURE: '0.2',
        LLM_INCLUDE_VALUES: 'TRUE',
        LLM_CALL_TIMEOUT: '10s',
        LLM_TIMEOUT: '20s',
      }),
    ).toMatchObject({ organization: 'o', project: 'p', temperature: 0.2, includeValues: true, timeout: '20s' });
    expect(() => modelFromEnv({ LLM_API_KEY: 'k', LLM_TEMPERATURE: 'hot' })).toThrow(
      'LLM_TEMPERATURE: "hot" is not a number',
    );
    expect(() => modelFromEnv({ LLM_API_KEY: 'k', LLM_INCLUDE_VALUES: 'yes' })).toThrow(
      'LLM_INCLUDE_VALUES: "yes" is neither true nor false',
    );
  });
});

describe('options', () => {
  it('are complete once resolved', () => {
    const { headers, ...resolved } = resolveModelOptions({ model: ' m ', baseUrl: 'http://h/v1//' });
    expect(resolved).toMatchObject({
      model: 'm',
      baseUrl: 'http://h/v1',
      includeValues: false,
      callTimeoutMs: 60_000,
      timeoutMs: 150_000,
      maxAttempts: 3,
      maxConcurrentCalls: 8,
      responseFormat: 'json_schema',
    });
    expect(headers).toEqual({});
  });

  it('the URL of an endpoint must not contain secrets, because errors show it', () => {
    for (const baseUrl of ['http://user:pass@h/v1', 'http://h/v1?key=k']) {
      expect(() => resolveModelOptions({ model: 'm', baseUrl })).toThrow(/contains a user, a query or a fragment/);
    }
  });

  it('the timeout of one call is at most that of the whole planning', () => {
    expect(resolveModelOptions({ model: 'm', callTimeout: '60s', timeout: '5s' }).callTimeoutMs).toBe(5_000);
  });

  it('that are invalid are all listed, with the variable that sets them', () => {
    const wrong = {
      model: '',
      baseUrl: 'ftp://h',
      maxAttempts: 4,
      maxConcurrentCalls: 0,
      temperature: Number('warm'),
      responseFormat: 'xml' as never,
      timeout: 'soon' as never,
      callTimeout: 0,
    };
    try {
      resolveModelOptions(wrong);
      throw new Error('nothing was thrown');
    } catch (error) {
      const { message } = error as Error;
      for (const part of [
        'model.model: is empty',
        'LLM_MODEL',
        'LLM_API_BASE_URL',
        'model.maxAttempts: 4 is not an integer from 1 to 3',
        'model.maxConcurrentCalls: 0',
        'model.temperature: NaN',
        'model.responseFormat: "xml"',
        'LLM_TIMEOUT',
        'LLM_CALL_TIMEOUT',
        'model.callTimeout: must be above 0',
      ]) {
        expect(message).toContain(part);
      }
    }
  });
});
