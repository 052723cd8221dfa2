/**
 * Writes text frames (RFC 6455) to a socket that `ws` has opened. All frames of one turn of the event loop leave in one
 * system call, and each costs one copy: `ws` makes two buffers and two stream writes of every message, which is a third of
 * what a task costs. It works because without compression `ws` queues nothing: its own frames (pongs, close) are written
 * whole, at once, to the same stream.
 */
import { randomFillSync } from 'node:crypto';
import type { Writable } from 'node:stream';

/** Frames that leave together: more would keep the engine waiting while we still write. */
const MAX_FRAMES = 16;
const SLAB_BYTES = 64 * 1024;
/** Two bytes, at most eight of length, and the mask. */
const MAX_HEADER_BYTES = 14;
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Masks made at once: asking for random bytes costs far more than the bytes. */
const MASKS = 2_048;
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

export class FrameWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private words = wordsOf(this.slab);
  /** Where the frames that wait begin and end. What lies before belongs to the stream until it has written it. */
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

  /** Hands over what waits: at the end of a turn, and before `ws` writes a close frame. */
  readonly flush = (): void => {
    this.send();
    this.frames = 0;
  };

  private send(): void {
    if (this.end === this.start) return;
    if (this.stream.writable) this.stream.write(this.slab.subarray(this.start, this.end));
    this.start = this.end;
    // Not zero: the flush of this turn is still to come.
    this.frames = 1;
  }

  /** @returns where the payload begins, behind the four bytes of the mask */
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

  /** XORs the payload with a fresh mask, as the standard demands of clients, and puts that before it. */
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
    // Four at a time, where they are aligned; the mask is turned to the byte at which that begins.
    bytesUntil((at + 3) & ~3);
    const turn = ((i - at) & 3) << 3;
    const word = turn === 0 ? mask : (mask >>> turn) | (mask << (32 - turn));
    const last = end >> 2;
    for (let w = i >> 2; w < last; w++) words[w] = (words[w] as number) ^ word;
    i = last << 2;
    bytesUntil(end);
  }
}

/** The same memory: a slab has one of its own, which begins at an aligned address. */
const wordsOf = (slab: Buffer): Uint32Array => new Uint32Array(slab.buffer, slab.byteOffset, slab.length >> 2);
