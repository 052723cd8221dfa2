/** Colours where a person looks: a terminal, unless NO_COLOR says no or FORCE_COLOR says yes. */
import pc from 'picocolors';
import type { OutputStream } from '@orra-ts/common/process';

export type Colours = ReturnType<typeof pc.createColors>;

export function coloursFor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Colours {
  return pc.createColors(wantsColour(stream, env));
}

function wantsColour(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  // no-color.org: any text that is not empty. FORCE_COLOR=0 means no, as in Node.
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
