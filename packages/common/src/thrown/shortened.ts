/** Cuts a string to a number of bytes in UTF-8, between two characters, and says so. */
export function shortened(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const encoder = new TextEncoder();
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes));
  if (read >= text.length) return text;
  const note = `... (${text.length} characters)`;
  const kept = encoder.encodeInto(text, new Uint8Array(Math.max(0, maxBytes - note.length))).read;
  return `${text.slice(0, kept)}${note}`;
}
