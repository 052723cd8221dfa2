import type { HttpRequest, HttpTransport } from '@orra-ts/common';
import { createOrraClient } from './client';

const requests: HttpRequest[] = [];
const transport: HttpTransport = {
  request: (request) => {
    requests.push(request);
    return Promise.resolve({ status: 200, headers: {}, text: '{}' });
  },
};
const environment = { ...process.env };

beforeEach(() => {
  requests.length = 0;
  delete process.env['ORRA_URL'];
  delete process.env['ORRA_API_KEY'];
});
afterAll(() => {
  process.env = environment;
});

const sentTo = async (url?: string): Promise<string | undefined> => {
  await createOrraClient({ url, apiKey: 'sk-orra-v1-a', transport }).orchestrations.list();
  return requests.at(-1)?.url;
};

describe('url', () => {
  it('loses trailing slashes, because a double slash leads to a redirect, and keeps its path', async () => {
    expect(await sentTo('http://localhost:8005/')).toBe('http://localhost:8005/orchestrations');
    expect(await sentTo(' https://orra.example/engine// ')).toBe('https://orra.example/engine/orchestrations');
  });

  it('comes from ORRA_URL when the option is absent', async () => {
    process.env['ORRA_URL'] = 'http://from-environment:1';
    expect(await sentTo()).toBe('http://from-environment:1/orchestrations');
    expect(await sentTo('http://from-option:1')).toBe('http://from-option:1/orchestrations');
  });

  it('is reported by both names when it is missing', () => {
    expect(() => createOrraClient({ transport })).toThrow(/`url`.*ORRA_URL/);
    expect(() => createOrraClient({ url: ' ', transport })).toThrow(
      expect.objectContaining({ code: 'ORRA_MISSING_OPTION' }),
    );
  });

  it.each(['localhost:8005', 'ws://localhost:8005', 'nope', 'http://me:secret@host', 'http://host?apiKey=secret'])(
    'may not be %s',
    (url) => {
      let error: unknown;
      try {
        createOrraClient({ url, transport });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'ORRA_INVALID_OPTION' });
      expect(String(error)).not.toContain('secret');
    },
  );
});

describe('apiKey', () => {
  const list = (apiKey?: string | (() => string)) =>
    createOrraClient({ url: 'http://engine', apiKey, transport }).orchestrations.list();

  it('comes from ORRA_API_KEY, read at every request, when the option is absent', async () => {
    const client = createOrraClient({ url: 'http://engine', transport });
    for (const key of ['sk-orra-v1-a', 'sk-orra-v1-b']) {
      process.env['ORRA_API_KEY'] = key;
      await client.orchestrations.list();
      expect(requests.at(-1)?.headers?.['authorization']).toBe(`Bearer ${key}`);
    }
  });

  it('is reported by both names by the first call that needs it, before a request', async () => {
    await expect(list()).rejects.toThrow(/`apiKey`.*ORRA_API_KEY/);
    await expect(list(() => '')).rejects.toMatchObject({ code: 'ORRA_MISSING_OPTION' });
    expect(requests).toEqual([]);
  });

  it('is rejected without being shown when it is invalid in a header', async () => {
    const error: unknown = await list('sk-orra-v1-a\nsecret').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ORRA_INVALID_OPTION' });
    expect(String(error)).not.toContain('secret');
  });

  it('loses the whitespace of secrets that are read from files', async () => {
    await list(' sk-orra-v1-a\n');
    expect(requests[0]?.headers?.['authorization']).toBe('Bearer sk-orra-v1-a');
  });
});
