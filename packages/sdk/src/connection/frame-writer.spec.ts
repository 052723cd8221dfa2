import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { FrameWriter } from './frame-writer';

/** A simple, slow decoder of RFC 6455 frames. */
function decode(data: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < data.length;) {
    expect(data[at]).toBe(0x81);
    expect((data[at + 1] as number) & 0x80).toBe(0x80);
    let length = (data[at + 1] as number) & 0x7f;
    at += 2;
    if (length === 126) {
      length = data.readUInt16BE(at);
      at += 2;
      expect(length).toBeGreaterThanOrEqual(126);
    } else if (length === 127) {
      length = Number(data.readBigUInt64BE(at));
      at += 8;
      expect(length).toBeGreaterThanOrEqual(65_536);
    }
    const mask = data.subarray(at, at + 4);
    at += 4;
    texts.push(Buffer.from(data.subarray(at, at + length).map((byte, i) => byte ^ (mask[i & 3] as number))).toString());
    at += length;
  }
  return texts;
}

function written(texts: readonly string[]): Buffer {
  const stream = new PassThrough({ highWaterMark: 2 ** 26 });
  const writer = new FrameWriter(stream);
  for (const text of texts) writer.write(text);
  writer.flush();
  return (stream.read() as Buffer | null) ?? Buffer.alloc(0);
}

describe('frames', () => {
  it('any strings are decoded unchanged, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 60 }), (texts) => {
        const valid = texts.map((text) => Buffer.from(text).toString());
        expect(decode(written(valid))).toEqual(valid);
      }),
    );
  });

  it.each([0, 1, 7, 8, 124, 125, 126, 127, 65_534, 65_535, 65_536, 70_000, 300_000])(
    'a message of %i bytes has the shortest length field and is received',
    (length) => {
      const texts = ['a', 'x'.repeat(length), 'öß€'.repeat(Math.ceil(length / 3))];
      expect(decode(written(texts))).toEqual(texts);
    },
  );

  it('no two frames of a run have the same mask', () => {
    const data = written(Array.from({ length: 100 }, () => 'same'));
    const masks = new Set<string>();
    for (let at = 0; at < data.length; at += 10) masks.add(data.subarray(at + 2, at + 6).toString('hex'));
    expect(masks.size).toBe(100);
  });

  it('are written by the end of the turn, up to 16 in one write', async () => {
    const stream = new PassThrough();
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    const writer = new FrameWriter(stream);
    for (let i = 0; i < 20; i++) writer.write(`{"n":${i}}`);
    expect(pieces.length).toBeLessThanOrEqual(1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(pieces.map((piece) => decode(piece).length).reduce((a, b) => a + b, 0)).toBe(20);
    expect(pieces).toHaveLength(2);
  });
});
