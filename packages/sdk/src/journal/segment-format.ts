/**
 * The form of a segment: records of lines. A record is a header with its checksum and its size, and lines that were
 * written in one turn of the event loop. One checksum per record, because one per line would cost more than the write.
 * Segments of earlier versions have lines without headers.
 */
import { crc32 } from 'node:zlib';

/** Size from which the lines of a turn are split: what damage makes unreadable. */
const RECORD_BYTES = 64 * 1024;
const HEADER = /^\0*#([0-9a-f]{8}) ([0-9a-f]{8})$/;
const HEADER_BYTES = '#00000000 00000000\n'.length;
const HEADER_SPACE = ' '.repeat(HEADER_BYTES);

const NEWLINE = 10;
/** The first byte of a line: each is an array as JSON. */
const BRACKET = 91;

export function* encodeRecords(lines: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const line of lines) {
    if (text.length > RECORD_BYTES) {
      yield encodeRecord(text);
      text = '';
    }
    text += `${line}\n`;
  }
  if (text !== '') yield encodeRecord(text);
}

function encodeRecord(text: string): Buffer {
  // One buffer for both: the header is known when the text is encoded.
  const data = Buffer.from(HEADER_SPACE + text);
  const content = data.subarray(HEADER_BYTES);
  data.write(`#${hex(crc32(content))} ${hex(content.length)}\n`, 'latin1');
  return data;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/**
 * Reads the lines of a segment.
 *
 * @param onLine returns false for a line that it cannot interpret
 * @returns the number of damaged parts. An incomplete end, or zeros there, are not damage: a crash leaves them.
 */
export function readSegment(chunks: Iterable<Uint8Array>, onLine: (line: string) => boolean): number {
  const reader = new SegmentReader(onLine);
  for (const { line, isComplete } of linesOf(chunks)) reader.add(line, isComplete);
  return reader.end();
}

/** Lines up to the next header, or to the end of the record. */
interface Part {
  /** Undefined for what follows a damaged header. */
  readonly header: { readonly checksum: number; readonly bytes: number } | undefined;
  readonly lines: Buffer[];
  bytes: number;
  checksum: number;
  hasZeros: boolean;
  hasCompleteLine: boolean;
}

class SegmentReader {
  private damaged = 0;
  /** Unreadable parts that may be the end of the segment. */
  private torn = 0;
  private part: Part | undefined;
  /** Whether the segment is of an earlier version. */
  private isPlain: boolean | undefined;

  constructor(private readonly onLine: (line: string) => boolean) {}

  add(line: Buffer, isComplete: boolean): void {
    this.isPlain ??= line[0] === BRACKET;
    if (this.isPlain) return this.addPlain(line, isComplete);
    const header = isComplete && line.includes('#') ? HEADER.exec(line.toString('latin1')) : null;
    if (header) {
      this.endPart();
      // Zeros in place of what was before the header.
      if (line[0] === 0) this.unreadable(true);
      const [, checksum = '', bytes = ''] = header;
      this.part = partOf({ checksum: parseInt(checksum, 16), bytes: parseInt(bytes, 16) });
      return;
    }
    const part = (this.part ??= partOf(undefined));
    if (part.header) part.lines.push(line);
    part.hasZeros ||= line.includes(0);
    part.checksum = crc32(line, part.checksum);
    part.bytes += line.length;
    if (isComplete) {
      part.checksum = crc32('\n', part.checksum);
      part.bytes++;
      part.hasCompleteLine = true;
    }
    if (part.header && part.bytes >= part.header.bytes) this.endPart();
  }

  end(): number {
    const { part } = this;
    if (part) {
      const isIncomplete = part.header ? part.bytes < part.header.bytes : !part.hasCompleteLine;
      this.endPart(isIncomplete);
    }
    return this.damaged;
  }

  private endPart(isTorn = false): void {
    const { part } = this;
    this.part = undefined;
    if (!part) return;
    const { header, lines, bytes, checksum, hasZeros } = part;
    if (header?.bytes !== bytes || header.checksum !== checksum) return this.unreadable(isTorn || hasZeros);
    this.damaged += this.torn;
    this.torn = 0;
    let isRead = true;
    for (const line of lines) isRead = this.onLine(line.toString()) && isRead;
    if (!isRead) this.damaged++;
  }

  private addPlain(line: Buffer, isComplete: boolean): void {
    // After a failed sync, a file may have zeros where lines were. They stand before the next line.
    const text = line.toString().replace(/^\0+/, '');
    if (text !== '' && !this.onLine(text)) this.unreadable(!isComplete);
  }

  /** @param mayBeEnd whether a crash leaves such a part, so that it is damage only if others follow */
  private unreadable(mayBeEnd: boolean): void {
    this.torn++;
    if (mayBeEnd) return;
    this.damaged += this.torn;
    this.torn = 0;
  }
}

const partOf = (header: Part['header']): Part => ({
  header,
  lines: [],
  bytes: 0,
  checksum: 0,
  hasZeros: false,
  hasCompleteLine: false,
});

/** The lines of a file without their ends. Only the last one may be incomplete. */
function* linesOf(chunks: Iterable<Uint8Array>): Generator<{ line: Buffer; isComplete: boolean }> {
  let open: Buffer[] = [];
  for (const chunk of chunks) {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      const line = data.subarray(start, end);
      yield { line: open.length === 0 ? line : Buffer.concat([...open, line]), isComplete: true };
      open = [];
      start = end + 1;
    }
    if (start < data.length) open.push(data.subarray(start));
  }
  if (open.length > 0) yield { line: Buffer.concat(open), isComplete: false };
}
