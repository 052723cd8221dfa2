/** The winston adapter behind the `Logger` interface: the default of the SDK and the engine. */
import { Writable } from 'node:stream';
import winston, { type Logger as WinstonLogger } from 'winston';
import { guardedOutput } from './process-output';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger';

/** The methods of a winston logger that the adapter uses; any logger of winston 3 has them. */
type WinstonLike = Pick<WinstonLogger, 'log' | 'isLevelEnabled' | 'child'>;

/** Wraps an application's own winston logger. It must have the levels debug, info, warn and error, as winston's default does. */
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

/** Writes one JSON object per line to standard error, so that the program keeps standard output for itself. */
export function createDefaultLogger({ level = levelFromEnvironment() }: DefaultLoggerOptions = {}): Logger {
  return winstonLogger(
    winston.createLogger({
      level: level === 'silent' ? 'error' : level,
      silent: level === 'silent',
      format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
      transports: [new winston.transports.Stream({ stream: standardError() })],
    }),
  );
}

/** Shared by all loggers: each would add listeners to the stream of the process. */
let standardErrorStream: Writable | undefined;

function standardError(): Writable {
  if (standardErrorStream) return standardErrorStream;
  // A line that cannot be written is lost: nothing else could report it.
  const output = guardedOutput(process.stderr, () => undefined);
  standardErrorStream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      output.write(line);
      done();
    },
  });
  // Every logger adds listeners.
  standardErrorStream.setMaxListeners(0);
  return standardErrorStream;
}

function levelFromEnvironment(): LogLevel {
  const level = process.env['ORRA_LOG_LEVEL']?.trim().toLowerCase();
  return LOG_LEVELS.find((known) => known === level) ?? 'info';
}
