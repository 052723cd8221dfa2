/**
 * Writes text frames (RFC 6455) to a socket that `ws` has opened. All frames of one turn of the event loop are sent in
 * one system call, and each is copied once. `ws` allocates two buffers and makes two stream writes per message, which
 * is a third of the cost of a task. This is safe because `ws` does not queue anything without compression: it writes
 * its own frames (pongs, close) completely and at once to the same stream.
 */
import { randomFillSync } from 'node:crypto';
import type { Writable } from 'node:stream';

/** Maximum bytes sent together. With more, the engine would idle while this process still writes. */
const MAX_FRAMES = 16;
const SLAB_BYTES = 64 * 1024;
/** Maximum size of a frame header: two bytes, up to eight bytes of length, and the mask. */
const MAX_HEADER_BYTES = 14;
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Number of masks generated per call, because a call for random bytes costs more than the bytes. */
const MASKS = 2_048;
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

export class FrameWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private words = wordsOf(this.slab);
  /** Bounds of the pending frames. The bytes before them belong to the stream until it has written them. */
  private start = 0;
  private end = 0;
  private frames = 0;
  private readonly masks = new Uint32Array(MASKS);
  private nextMask = MASKS;

  constructor(private readonly stream: Writable) {}

  write(text: string): void {
    const length = Buffer.byteLength(text);
    const size = length + MAX_HEADER_BYTES;
    if (this.end + size > this.slab.length) {
      this.send();
      this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, size));
      this.words = wordsOf(this.slab);
      this.start = this.end = 0;
    }
    const { slab } = this;
    const payloadAt = this.writeHeader(length);
    slab.write(text, payloadAt, length, 'utf8');
    this.mask(payloadAt, length);
    this.end = payloadAt + length;
    if (this.frames++ === 0) setImmediate(this.flush);
    if (this.frames >= MAX_FRAMES) this.send();
  }

  /** Writes the pending frames to the stream, at the end of a turn and before `ws` writes a close frame. */
  readonly flush = (): void => {
    this.send();
    this.frames = 0;
  };

  private send(): void {
    if (this.end === this.start) return;
    if (this.stream.writable) this.stream.write(this.slab.subarray(this.start, this.end));
    this.start = this.end;
    // Not zero, because the flush of this turn has not happened yet.
    this.frames = 1;
  }

  /** @returns the offset of the payload, after the four bytes of the mask */
  private writeHeader(length: number): number {
    const { slab } = this;
    let at = this.end;
    slab[at++] = FINAL_TEXT;
    if (length < LENGTH_16) slab[at++] = MASKED | length;
    else if (length < 65_536) {
      slab[at++] = MASKED | LENGTH_16;
      at = slab.writeUInt16BE(length, at);
    } else {
      slab[at++] = MASKED | LENGTH_64;
      at = slab.writeUInt32BE(Math.floor(length / 2 ** 32), at);
      at = slab.writeUInt32BE(length >>> 0, at);
    }
    return at + 4;
  }

  /** Masks the payload with a new mask, as RFC 6455 requires of clients, and writes the mask before it. */
  private mask(at: number, length: number): void {
    if (this.nextMask >= MASKS) {
      randomFillSync(this.masks);
      this.nextMask = 0;
    }
    const { slab, words } = this;
    const mask = this.masks[this.nextMask++] as number;
    slab[at - 4] = mask;
    slab[at - 3] = mask >>> 8;
    slab[at - 2] = mask >>> 16;
    slab[at - 1] = mask >>> 24;
    const end = at + length;
    let i = at;
    const bytesUntil = (limit: number): void => {
      for (; i < limit; i++) slab[i] = (slab[i] as number) ^ (mask >>> (((i - at) & 3) << 3));
    };
    if (!LITTLE_ENDIAN || length < 8) return bytesUntil(end);
    // Four aligned bytes at a time, with the mask rotated to the first aligned byte.
    bytesUntil((at + 3) & ~3);
    const turn = ((i - at) & 3) << 3;
    const word = turn === 0 ? mask : (mask >>> turn) | (mask << (32 - turn));
    const last = end >> 2;
    for (let w = i >> 2; w < last; w++) words[w] = (words[w] as number) ^ word;
    i = last << 2;
    bytesUntil(end);
  }
}

/** A view of the same memory. A slab has its own buffer, which starts at an aligned address. */
const wordsOf = (slab: Buffer): Uint32Array => new Uint32Array(slab.buffer, slab.byteOffset, slab.length >> 2);
