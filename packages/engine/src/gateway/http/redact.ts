/** For logs: a URL whose API key or read token is hidden. Old SDKs and browsers have to send them in the query. */
export const redactUrl = (url: string): string =>
  url.replace(/([?&])([^=&#]*)=[^&#]*/g, (whole, before: string, name: string) => {
    // Names may be written with escapes, and count all the same.
    const query = new URLSearchParams(name);
    const isSecret = query.has('apiKey') || query.has('token') || /apikey/i.test(name);
    return isSecret ? `${before}${name}=[hidden]` : whole;
  });
