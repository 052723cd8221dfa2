/**
 * The proxy of a URL, from the environment variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. HTTP requests and
 * WebSockets use the same one. This machine is always reached directly.
 */
import { getProxyForUrl } from 'proxy-from-env';
import { commonError } from './errors';
import { describeThrown } from './thrown/describe-thrown';

export interface Proxy {
  /** May contain a user name and a password. */
  readonly url: URL;
  /** For messages: the proxy without user name and password, and the variable that sets it. */
  readonly label: string;
  /** Environment variable that sets the proxy, such as `HTTPS_PROXY`. */
  readonly variable: string;
}

/**
 * Finds the proxy for an http or https URL. Variables in lower case have priority.
 *
 * @returns undefined when the URL is reached directly
 * @throws OrraError `ORRA_INVALID_OPTION` when the variable is not the URL of an HTTP or HTTPS proxy
 */
export function proxyOf(url: string): Proxy | undefined {
  if (typeof process === 'undefined' || !URL.canParse(url)) return undefined;
  const { hostname, protocol } = new URL(url);
  if (isThisMachine(hostname) || getProxyForUrl(url) === '') return undefined;
  const [variable, value] = setVariable(protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  // The library assumes the scheme of the requested URL. Most proxies use plain HTTP, and other programs assume that.
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol !== 'http:' && proxy?.protocol !== 'https:') {
    // The message does not show the value: it may contain a password.
    throw commonError(
      'ORRA_INVALID_OPTION',
      `the environment variable ${variable} must be the URL of an HTTP proxy, such as http://proxy.example:3128; other kinds, such as SOCKS, are not supported`,
      { details: { environment: variable } },
    );
  }
  return { url: proxy, variable, label: `${proxy.protocol}//${proxy.host} (${variable})` };
}

/** For messages: ` through the proxy http://proxy.example:3128 (HTTP_PROXY)`, or `''` for a URL that is reached directly. */
export function viaProxy(url: string): string {
  try {
    const proxy = proxyOf(url);
    return proxy ? ` through the proxy ${proxy.label}` : '';
  } catch (error) {
    return `: ${describeThrown(error)}`;
  }
}

/** The first variable that is set, in the order of `proxy-from-env`. */
function setVariable(name: string): readonly [name: string, value: string] {
  for (const variable of [name, name.toUpperCase(), 'all_proxy']) {
    const value = process.env[variable];
    if (value) return [variable, value];
  }
  return ['ALL_PROXY', process.env['ALL_PROXY'] ?? ''];
}

/** Whether a host of a URL always means this machine. */
const isThisMachine = (hostname: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(hostname) ||
  /^127(\.\d+){3}$/.test(hostname) ||
  hostname.startsWith('[::ffff:7f') ||
  ['0.0.0.0', '[::]', '[::1]'].includes(hostname);
