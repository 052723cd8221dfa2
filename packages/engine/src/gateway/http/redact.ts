/** Hides API keys and read tokens in a URL, for logs. Old SDKs and browsers can send them only in the query. */
export const redactUrl = (url: string): string =>
  url.replace(/([?&])([^=&#]*)=[^&#]*/g, (whole, before: string, name: string) => {
    // A name may be percent-encoded.
    const query = new URLSearchParams(name);
    const isSecret = query.has('apiKey') || query.has('token') || /apikey/i.test(name);
    return isSecret ? `${before}${name}=[hidden]` : whole;
  });
