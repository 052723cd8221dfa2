import fc from 'fast-check';
import { type ServerSentEvent, SseParser } from './sse-parser';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (...pieces: (string | Uint8Array)[]): ServerSentEvent[] => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => [...parser.push(typeof piece === 'string' ? bytes(piece) : piece)]);
};
const data = (...pieces: string[]): string[] => parse(...pieces).map((event) => event.data);

describe('fields', () => {
  it('an event has its id, its name and its data', () => {
    expect(parse('id: 7\nevent: task.update\ndata: {"a":1}\n\n')).toEqual([
      { id: '7', hasOwnId: true, name: 'task.update', data: '{"a":1}' },
    ]);
  });

  it('several data lines are one string', () => {
    expect(data('data: {\ndata:  "a": 1\ndata: }\n\n')).toEqual(['{\n "a": 1\n}']);
  });

  it('one space after the colon is removed, and only one', () => {
    expect(data('data:x\n\ndata: x\n\ndata:  x\n\ndata\n\n')).toEqual(['x', 'x', ' x', '']);
  });

  it('an id applies until the next one, and an event records whether it is its own', () => {
    expect(parse('id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n').map(({ id, hasOwnId }) => [id, hasOwnId])).toEqual([
      ['1', true],
      ['1', false],
      ['', true],
    ]);
  });

  it('an id with a NUL is ignored', () => {
    expect(parse('id: 1\0\ndata: a\n\n')).toMatchObject([{ id: '', hasOwnId: false }]);
  });

  it('an id without data is not an event, but applies to the next one', () => {
    expect(parse('id: 5\n\ndata: a\n\n')).toEqual([{ id: '5', hasOwnId: false, name: '', data: 'a' }]);
  });

  it('comments, heartbeats, retry and unknown fields are ignored', () => {
    expect(data(': heartbeat\n\n:\n\nretry: 100\nfoo: bar\nDATA: no\ndata: a\n: in between\ndata: b\n\n')).toEqual([
      'a\nb',
    ]);
  });

  it('a name without data is not an event, and does not apply to the next one', () => {
    expect(parse('event: x\n\ndata: a\n\n')).toMatchObject([{ name: '', data: 'a' }]);
  });

  it('data without a blank line after it is not an event', () => {
    expect(data('data: a\n\ndata: b\n')).toEqual(['a']);
  });
});

describe('chunks', () => {
  const TEXT = 'id: 1\r\ndata: Grüße 🎉\r\n\r\n: beat\r\rid: 2\rdata: b\rdata: c\r\rid: 3\ndata: d\n\n';
  const EVENTS = [
    { id: '1', hasOwnId: true, name: '', data: 'Grüße 🎉' },
    { id: '2', hasOwnId: true, name: '', data: 'b\nc' },
    { id: '3', hasOwnId: true, name: '', data: 'd' },
  ];

  it('lines end with CR, LF or CRLF', () => expect(parse(TEXT)).toEqual(EVENTS));

  it('lead to the same events wherever they are split: in a CRLF, in a character, in a field', () => {
    const all = bytes(TEXT);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(all.length)), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), all.length];
        const pieces = edges.slice(1).map((end, i) => all.subarray(edges[i], end));
        expect(parse(...pieces)).toEqual(EVENTS);
      }),
    );
  });

  it('may be single bytes', () =>
    expect(parse(...[...bytes(TEXT)].map((byte) => Uint8Array.of(byte)))).toEqual(EVENTS));

  it('a byte order mark at the start is not a part of the first field', () => {
    expect(data('\uFEFFdata: a\n\n')).toEqual(['a']);
  });

  it('any data is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), (texts) => {
        expect(data(texts.map((text) => `data: ${text}\n\n`).join(''))).toEqual(texts);
      }),
    );
  });
});

describe('bounds', () => {
  it.each([
    ['one line without an end', `data: ${'x'.repeat(100)}`],
    ['many lines without a blank line', 'data: x\n'.repeat(20)],
  ])('%s is rejected above the limit', (_, text) => {
    const parser = new SseParser(99);
    expect(() => [...parser.push(bytes(text))]).toThrow(/more than 99 characters/);
  });

  it('events of the maximum size may follow each other without end, with heartbeats between them', () => {
    const parser = new SseParser(99);
    const event = bytes(`data: ${'x'.repeat(93)}\n\n`);
    for (let i = 0; i < 10; i++) {
      expect([...parser.push(event)]).toHaveLength(1);
      for (let beat = 0; beat < 50; beat++) expect([...parser.push(bytes(': beat\n'))]).toEqual([]);
    }
  });
});
