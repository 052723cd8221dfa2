/** Shortens a string so that it fits in a message. */
export const excerpt = (text: string, length = 60): string =>
  text.length > length ? `${text.slice(0, length - 3)}...` : text;
