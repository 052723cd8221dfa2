/**
 * Only this file mints ids; those that are easily confused are branded strings. Randomness is an argument (E9), so that
 * tests and replays are reproducible. Existing clients rely on the prefixes.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ProjectId = Branded<'ProjectId'>;
export type ServiceId = Branded<'ServiceId'>;
export type OrchestrationId = Branded<'OrchestrationId'>;

/** Returns `size` random bytes. */
export type RandomBytes = (size: number) => Uint8Array;

/** Base 57: no 0, 1, I, O or l, as in the short ids of the Go engine. */
const BASE57 = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SHORT_ID_LENGTH = 22;
const SERVICE_ID_LENGTH = 28;

function randomString(random: RandomBytes, alphabet: string, length: number): string {
  // Rejects bytes at or above the largest multiple of the alphabet's size: they would favour its first letters.
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length + 6)) {
      if (byte < limit && text.length < length) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}

/** The part of an id after its prefix: 22 characters, about 128 bits. */
export const mintShortId = (random: RandomBytes): string => randomString(random, BASE57, SHORT_ID_LENGTH);
export const mintProjectId = (random: RandomBytes): ProjectId => `p_${mintShortId(random)}` as ProjectId;
export const mintOrchestrationId = (random: RandomBytes): OrchestrationId =>
  `o_${mintShortId(random)}` as OrchestrationId;
export const mintCompensationId = (random: RandomBytes): string => `c_${mintShortId(random)}`;
export const mintExecutionId = (random: RandomBytes): string => `e_${mintShortId(random)}`;
export const mintCompensationExecutionId = (random: RandomBytes): string => `e_comp_${mintShortId(random)}`;
/** Lower-case letters only: a planner may change ids to lower case. */
export const mintServiceId = (random: RandomBytes): ServiceId =>
  `s_${randomString(random, LETTERS, SERVICE_ID_LENGTH)}` as ServiceId;

/** Prefix that the Python SDK requires. */
const API_KEY_PREFIX = 'sk-orra-v1-';
export const mintApiKey = (random: RandomBytes): string =>
  API_KEY_PREFIX + Array.from(random(32), (byte) => byte.toString(16).padStart(2, '0')).join('');
