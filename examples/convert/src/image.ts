/** Reads images. Both versions of the service use this file unchanged. */

export interface ImageInfo {
  readonly format: 'png';
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** The image cannot be read now or ever: a reason for the caller, not a defect of the service. */
export class ImageNotAccessible extends Error {
  constructor(
    readonly url: string,
    readonly reason: string,
  ) {
    super(`${url} is not accessible: ${reason}`);
  }
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

/** @throws ImageNotAccessible */
export async function download(url: string, signal?: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new ImageNotAccessible(url, `status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** @throws ImageNotAccessible if the file is not a PNG image */
export function analyse(url: string, file: Buffer): ImageInfo {
  if (!file.subarray(0, 8).equals(PNG) || file.length < 24) throw new ImageNotAccessible(url, 'not a PNG image');
  return { format: 'png', width: file.readUInt32BE(16), height: file.readUInt32BE(20), bytes: file.length };
}
