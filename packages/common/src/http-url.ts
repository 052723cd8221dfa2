/** Undefined when the string is not an absolute http or https URL. */
export function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/** Whether an http URL has nothing but an origin and a path: no user, no password, no query and no fragment. */
export const isBaseUrl = ({ username, password, search, hash }: URL): boolean =>
  !(username || password || search || hash);

/**
 * The base URL of an engine without whitespace around it and without slashes at its end. Undefined when the string is
 * not an http or https URL, or has a user, a password, a query or a fragment.
 */
export function parseEngineUrl(text: string): string | undefined {
  const url = parseHttpUrl(text.trim());
  return url && isBaseUrl(url) ? url.origin + url.pathname.replace(/\/+$/, '') : undefined;
}
