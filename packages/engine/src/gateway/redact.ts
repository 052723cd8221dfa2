/** For logs: a URL whose API key is hidden. Old SDKs have to send it in the query. */
export const redactUrl = (url: string): string =>
  url.replace(/([?&])([^=&#]*)=[^&#]*/g, (whole, before: string, name: string) =>
    // Names may be written with escapes, and count all the same.
    new URLSearchParams(name).has('apiKey') || /apikey/i.test(name) ? `${before}${name}=[hidden]` : whole,
  );
