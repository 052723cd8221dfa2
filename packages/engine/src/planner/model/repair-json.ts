/** The library that repairs JSON, whose type declarations speak of its ES module alone: what is loaded here is CommonJS. */

const { jsonrepair } = require('jsonrepair') as { readonly jsonrepair: (text: string) => string };

/** Quotes, commas, comments and the like put right. @throws when it cannot be read even so */
export const repairJson = (text: string): string => jsonrepair(text);
