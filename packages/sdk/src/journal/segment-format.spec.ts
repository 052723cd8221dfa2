import { encodeRecords, readSegment } from './segment-format';

const LINES = ['["first","\u00e4"]', '["second"]', '["third"]'];

/** Each of these lines as a record. */
const recordsOf = (...lines: readonly string[]): Buffer[] => lines.flatMap((line) => [...encodeRecords([line])]);

function read(...chunks: readonly (Buffer | string)[]) {
  const lines: string[] = [];
  const damaged = readSegment(chunks.map(Buffer.from), (line) => {
    lines.push(line);
    return line.startsWith('[') && line.endsWith(']');
  });
  return { lines, damaged };
}

/** A copy with another value at this position. */
function changed(data: Buffer, at: number, value = 'X'): Buffer {
  const copy = Buffer.from(data);
  copy.write(value, at < 0 ? copy.length + at : at, 'latin1');
  return copy;
}

const [first, second, third] = recordsOf(...LINES) as [Buffer, Buffer, Buffer];
const all = Buffer.concat([first, second, third]);

describe('records of a segment', () => {
  it('lines are read as they were written, regardless of how the file is cut into chunks', () => {
    expect(read(...encodeRecords(LINES))).toEqual({ lines: LINES, damaged: 0 });
    for (let at = 0; at <= all.length; at++) {
      expect(read(all.subarray(0, at), all.subarray(at))).toEqual({ lines: LINES, damaged: 0 });
    }
  });

  it('many lines become several records, and a long line one', () => {
    const lines = [...Array.from({ length: 2_000 }, (_, n) => `["${n} ${'x'.repeat(100)}"]`), `["${'y'.repeat(1e6)}"]`];
    const records = [...encodeRecords(lines)];
    expect(records.length).toBeGreaterThan(3);
    expect(records.slice(0, -1).every(({ length }) => length < 70_000)).toBe(true);
    expect(read(...records)).toEqual({ lines, damaged: 0 });
  });

  it('any changed byte in the middle is one or two damaged parts, and never a changed line', () => {
    for (let at = 0; at < first.length + second.length; at++) {
      const { lines, damaged } = read(changed(all, at));
      expect(LINES).toEqual(expect.arrayContaining(lines));
      expect(lines.length).toBeGreaterThan(0);
      expect(damaged).toBeGreaterThan(0);
      expect(damaged).toBeLessThan(3);
    }
  });

  it('a changed byte of the last record is damage', () => {
    for (let at = 1; at <= third.length; at++) expect(read(changed(all, -at)).damaged).toBeGreaterThan(0);
  });

  it('damage in front of an incomplete end is damage', () => {
    expect(read(first, changed(second, 3), third.subarray(0, 5)).damaged).toBe(1);
    expect(read(first, changed(second, -3), third.subarray(0, 25)).damaged).toBe(1);
  });

  it('an incomplete end is not damage, and loses only its own record', () => {
    for (let bytes = first.length + second.length; bytes < all.length; bytes++) {
      expect(read(all.subarray(0, bytes))).toEqual({ lines: LINES.slice(0, 2), damaged: 0 });
    }
  });

  it('zeros at the end, which a power failure leaves, are not damage', () => {
    const zeros = Buffer.alloc(50);
    expect(read(first, second, zeros)).toEqual({ lines: LINES.slice(0, 2), damaged: 0 });
    expect(read(first, second, third.subarray(0, 25), zeros)).toEqual({ lines: LINES.slice(0, 2), damaged: 0 });
    expect(read(first, changed(second, 20, '\0\0\0'))).toEqual({ lines: LINES.slice(0, 1), damaged: 0 });
  });

  it('zeros in the middle are damage, and do not hide the next record', () => {
    expect(read(first, Buffer.alloc(50), third)).toEqual({ lines: [LINES[0], LINES[2]], damaged: 1 });
    expect(read(first, changed(second, 20, '\0\0\0'), third)).toEqual({ lines: [LINES[0], LINES[2]], damaged: 1 });
  });

  it('a record that cannot be interpreted counts as damaged', () => {
    expect(read(...recordsOf('{"of":"another program"}', '["a"]')).damaged).toBe(1);
  });
});

describe('segments of earlier versions, without headers', () => {
  const old = `${LINES.join('\n')}\n`;

  it('are read', () => {
    expect(read(old)).toEqual({ lines: LINES, damaged: 0 });
    expect(read(`${LINES[0]}\n${'\0'.repeat(9)}${LINES[1]}\n`)).toEqual({ lines: LINES.slice(0, 2), damaged: 0 });
  });

  it('an incomplete last line is not damage, any other unreadable line is', () => {
    expect(read(`${old}["cut`).damaged).toBe(0);
    expect(read(`${LINES[0]}\n["cut\n${LINES[1]}\n`).damaged).toBe(1);
  });
});
