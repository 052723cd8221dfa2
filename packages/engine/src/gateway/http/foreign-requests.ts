/**
 * Every page that a developer opens can send requests to an engine on loopback, under a name of this machine or under
 * its own name, which it lets resolve to 127.0.0.1. A browser discloses both, in `Origin` and in `Host`. Requests without
 * `Origin` do not come from scripts of other sites.
 */
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { isLoopback } from '../../webhooks/target-policy';

export interface ForeignRequestOptions {
  /** Names, without a port, that the engine is reached under in addition to those of this machine. */
  readonly allowedHosts: readonly string[];
  /** Origins, such as `https://app.example`, whose pages may send requests in addition to those of this machine. */
  readonly allowedOrigins: readonly string[];
}

export class ForeignRequests {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;

  constructor({ allowedHosts, allowedOrigins }: ForeignRequestOptions) {
    this.hosts = new Set([hostname(), ...allowedHosts].map((host) => host.toLowerCase()));
    this.origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  }

  /** Returns why a request is refused; undefined if it is not foreign. */
  problemOf({ headers: { host, origin } }: Pick<IncomingMessage, 'headers'>): string | undefined {
    if (host !== undefined && !this.isOwn(`http://${host}`)) {
      return `the Host header "${shown(host)}" is not a name of this machine; add it to \`allowedHosts\` of the engine (--allowed-hosts, ALLOWED_HOSTS)`;
    }
    if (origin !== undefined && !this.origins.has(origin.toLowerCase()) && !this.isOwn(origin)) {
      return `pages of the origin "${shown(origin)}" may not use this engine; add it to \`allowedOrigins\` of the engine (--allowed-origins, ALLOWED_ORIGINS)`;
    }
    return undefined;
  }

  private isOwn(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const name = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
    return isLoopback(name) || name.endsWith('.localhost') || this.hosts.has(name);
  }
}

const shown = (header: string): string => header.slice(0, 100);
