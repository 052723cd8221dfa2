import { maskKeys } from './debug-transport';

describe('keys in the output of --debug', () => {
  it.each([
    ['Bearer sk-orra-v1-0123456789abcdef', 'Bearer …cdef'],
    ['Bearer plain-key-of-somebody', 'Bearer …body'],
    ['Bearer short', 'Bearer …'],
    ['{"id":"p_1","apiKey":"sk-orra-v1-0123456789abcdef"}', '{"id":"p_1","apiKey":"…cdef"}'],
    ['{"apiKey": "own-key", "x": 1}', '{"apiKey": "…", "x": 1}'],
    ['{"apiKey":"…half a key"}', '{"apiKey":"…"}'],
    ['{"additionalAPIKeys":["own-key","other"]}', '{"additionalAPIKeys":"…"}'],
    ['{"token":"a\\"b"}', '{"token":"…"}'],
    ['http://a/ws?serviceId=s_1&apiKey=own-key#x', 'http://a/ws?serviceId=s_1&apiKey=…#x'],
    [
      'no project found with the given API key: sk-orra-v1-0123456789abcdef',
      'no project found with the given API key: …cdef',
    ],
  ])('%s is shown as %s', (text, shown) => {
    expect(maskKeys(text)).toBe(shown);
  });

  it('does not change other strings', () => {
    expect(maskKeys('{"action":"keys for the house","id":"o_1"}')).toBe('{"action":"keys for the house","id":"o_1"}');
  });
});
