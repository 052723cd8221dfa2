import { redactUrl } from './redact';

test.each([
  ['/ws?serviceId=s_1&apiKey=sk-secret', '/ws?serviceId=s_1&apiKey=[hidden]'],
  ['/ws?apiKey=sk-secret&serviceId=s_1', '/ws?apiKey=[hidden]&serviceId=s_1'],
  ['/ws?APIKEY=sk-secret', '/ws?APIKEY=[hidden]'],
  ['/ws?api%4bey=sk-secret', '/ws?api%4bey=[hidden]'],
  ['/ws?%61piKey=sk-secret&a=%', '/ws?%61piKey=[hidden]&a=%'],
  ['/ws?%=x&other=1', '/ws?%=x&other=1'],
  ['/orchestrations/o_1/events?token=abc&lastEventId=1', '/orchestrations/o_1/events?token=[hidden]&lastEventId=1'],
  ['/orchestrations', '/orchestrations'],
])('%s becomes %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});
