/**
 * Loads the library that repairs JSON. Its type declarations cover only its ES module; the code loaded here is
 * CommonJS.
 */

const { jsonrepair } = require('jsonrepair') as { readonly jsonrepair: (text: string) => string };

/** Repairs quotes, commas, comments and the like. @throws if the result is still not JSON */
export const repairJson = (text: string): string => jsonrepair(text);
