/**
 * Allowed webhook targets. Everyone who has a project's key chooses its URLs, and the engine may run inside a network that
 * this user cannot reach, so internal addresses are refused. The check uses the address to which a connection is made, not
 * the name in the URL, because a name can resolve to another address later.
 */
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { lookup } from 'node:dns';
import { type OrraError } from '@orra-ts/common';
import { engineError } from '../errors';

const LOOPBACK = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
]);
/** Private, shared, link-local, multicast and reserved addresses, and those that embed another address. */
const INTERNAL = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]);

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of subnets) list.addSubnet(network, bits, family(network));
  return list;
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Whether an address or a name always means this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && LOOPBACK.check(host, family(host)));

export class TargetPolicy {
  /** @param allowed `loopback`: addresses of this machine in addition to public ones */
  constructor(private readonly allowed: 'public' | 'loopback' | 'any') {}

  allows(address: string): boolean {
    if (this.allowed === 'any') return true;
    if (this.allowed === 'loopback' && LOOPBACK.check(address, family(address))) return true;
    return !INTERNAL.check(address, family(address));
  }

  /** The problem of a URL, as far as it can be found without resolving its name. */
  problemOf(url: URL): string | undefined {
    const host = hostOf(url);
    const known = isIP(host) !== 0 || host === 'localhost';
    const address = host === 'localhost' ? '127.0.0.1' : host;
    return known && !this.allows(address) ? refusal(host) : undefined;
  }

  /** A look-up for connections: resolves a name, and returns its addresses only if all of them are allowed. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const refused = addresses.find(({ address }) => !this.allows(address));
      if (refused) return callback(targetRefused(`${hostname} (${refused.address})`), '', 0);
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

/** Removes the brackets of IPv6 addresses. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const refusal = (target: string): string =>
  `${target} is an internal address, which webhooks must not use; choose a public one, or start the engine with webhookTargets: 'any' (--webhook-targets any, WEBHOOK_TARGETS=any)`;

export const targetRefused = (target: string): OrraError => engineError('ORRA_INVALID_WEBHOOK', refusal(target));

/** Registering a project accepts any string as a webhook, as the Go engine does. */
export const noTarget = (url: string): OrraError =>
  engineError(
    'ORRA_INVALID_WEBHOOK',
    `${JSON.stringify(url)} is not an http or https URL; add the webhook again with a valid one`,
  );
