/** Logging as the Orra packages use it: constant text, structured fields. Winston is one adapter (`@orra-ts/common/winston`). */

/** From the most to the least verbose; `silent` suppresses every line. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Ids, counts and durations; never secrets or payloads. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  /** Lets hot paths skip building fields: with some loggers a disabled call is not cheap. */
  isEnabled(level: Exclude<LogLevel, 'silent'>): boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

/** A logger that suppresses every line. */
export const silentLogger: Logger = {
  isEnabled: () => false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
