/** A custom `format`: a value that `new Date()` can parse, as class-transformer does. */
export const DATE_FORMAT = 'orra-date';
