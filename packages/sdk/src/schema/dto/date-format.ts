/** Our own `format`: a text that `new Date()` understands, which is what class-transformer makes dates of. */
export const DATE_FORMAT = 'orra-date';
