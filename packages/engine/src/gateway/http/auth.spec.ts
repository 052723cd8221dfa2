import { bearerKey } from './auth';
import { redactUrl } from './redact';

describe('the Authorization header', () => {
  test('holds the key behind `Bearer` and one space', () => {
    expect(bearerKey('Bearer sk-orra-v1-1')).toBe('sk-orra-v1-1');
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'bearer k',
    'BEARER k',
    'Bearer  k',
    'Bearer k x',
    'Basic k',
    ' Bearer k',
  ])('%j is malformed', (header) => {
    expect(bearerKey(header)).toBeUndefined();
  });
});

test('a URL for the log shows no API key, wherever it stands and however it is written', () => {
  expect(redactUrl('/ws?serviceId=s_a&apiKey=sk-1')).toBe('/ws?serviceId=s_a&apiKey=[hidden]');
  expect(redactUrl('/ws?apikey=sk-1&serviceId=s_a')).toBe('/ws?apikey=[hidden]&serviceId=s_a');
});
