/** For logs: a URL whose API key is hidden. Old SDKs have to send it in the query. */
export const redactUrl = (url: string): string => url.replace(/([?&]apiKey=)[^&#]*/gi, '$1[hidden]');
