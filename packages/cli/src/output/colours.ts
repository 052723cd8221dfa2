/** Colours on terminals. NO_COLOR disables and FORCE_COLOR enables them. */
import pc from 'picocolors';
import type { OutputStream } from '@orra-ts/common/process';

export type Colours = ReturnType<typeof pc.createColors>;

export function coloursFor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Colours {
  return pc.createColors(wantsColour(stream, env));
}

function wantsColour(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  // no-color.org: any value that is not empty. FORCE_COLOR=0 disables colours, as in Node.
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
