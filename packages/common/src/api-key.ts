/**
 * Whether the string can be an API key: printable ASCII without spaces, at least one character. Anything else does not
 * survive an HTTP header, and the error about the header would show the key.
 */
export const isApiKey = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);
