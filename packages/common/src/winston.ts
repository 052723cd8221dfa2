/** The winston adapter behind the `Logger` interface: the default of the SDK and the engine. */
import winston, { type Logger as WinstonLogger } from 'winston';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger';

/** What of a winston logger is used; any logger of winston 3 fits. */
type WinstonLike = Pick<WinstonLogger, 'log' | 'isLevelEnabled' | 'child'>;

/** Wraps an application's own winston logger. It must know the levels debug, info, warn and error (winston's default does). */
export function winstonLogger(logger: WinstonLike): Logger {
  const write = (level: Exclude<LogLevel, 'silent'>) => (message: string, fields?: LogFields) => {
    if (logger.isLevelEnabled(level)) logger.log(level, message, fields);
  };
  return {
    isEnabled: (level) => logger.isLevelEnabled(level),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => winstonLogger(logger.child({ ...fields })),
  };
}

export interface DefaultLoggerOptions {
  /** @default the level in `ORRA_LOG_LEVEL`, else `info` */
  readonly level?: LogLevel;
}

/** One JSON object a line on standard error, so that standard output stays the program's own. */
export function createDefaultLogger({ level = levelFromEnvironment() }: DefaultLoggerOptions = {}): Logger {
  return winstonLogger(
    winston.createLogger({
      level: level === 'silent' ? 'error' : level,
      silent: level === 'silent',
      format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
      transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
    }),
  );
}

function levelFromEnvironment(): LogLevel {
  const level = process.env['ORRA_LOG_LEVEL']?.trim().toLowerCase();
  return LOG_LEVELS.find((known) => known === level) ?? 'info';
}
