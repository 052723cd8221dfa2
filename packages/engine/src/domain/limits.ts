/** Limits on what one project or request can store and show (E8), each with its reason. */

/** Values shown instead of references in the inputs of one inspection; later references are shown as written. */
export const INSPECTION_INPUTS_MAX_BYTES = 16 * 1024 * 1024;
