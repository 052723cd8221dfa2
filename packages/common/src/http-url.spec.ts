import { isApiKey } from './api-key';
import { parseEngineUrl, parseHttpUrl } from './http-url';

describe('URLs', () => {
  it.each(['', 'example.com', '/path', 'ftp://example.com', 'ws://example.com', 'file:///etc'])(
    '%j is not an http URL',
    (text) => {
      expect(parseHttpUrl(text)).toBeUndefined();
      expect(parseEngineUrl(text)).toBeUndefined();
    },
  );

  it.each([
    [' http://127.0.0.1:8005/ ', 'http://127.0.0.1:8005'],
    ['https://example.com/orra//', 'https://example.com/orra'],
    ['HTTP://Example.com', 'http://example.com'],
  ])('%j is the address of an engine: %s', (text, url) => {
    expect(parseEngineUrl(text)).toBe(url);
  });

  it.each(['http://user@host', 'http://:pass@host', 'http://host?a=1', 'http://host/#a'])(
    '%s is not the address of an engine',
    (text) => {
      expect(parseHttpUrl(text)).toBeInstanceOf(URL);
      expect(parseEngineUrl(text)).toBeUndefined();
    },
  );
});

describe('API keys', () => {
  it.each([
    ['sk-orra-v1-0123', true],
    ['~!', true],
    ['', false],
    ['two parts', false],
    ['tab\t', false],
    ['ключ', false],
  ])('%j: %s', (text, isKey) => {
    expect(isApiKey(text)).toBe(isKey);
  });
});
