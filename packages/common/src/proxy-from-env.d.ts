/** The package has no types. */
declare module 'proxy-from-env' {
  /** URL of the proxy for a URL, with the scheme of the requested URL if the variable has none. `''` without a proxy. */
  export function getProxyForUrl(url: string): string;
}
