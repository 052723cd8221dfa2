import { ConsoleLogger, Logger as NestLogger, type LoggerService } from '@nestjs/common';
import type { Logger } from '@orra-ts/sdk';

type Fields = Readonly<Record<string, unknown>>;
type Level = 'debug' | 'info' | 'warn' | 'error';
const NEST_LEVEL = { debug: 'debug', info: 'log', warn: 'warn', error: 'error' } as const;

/** Nest's logger as the logger of Orra. Lines have Nest's context `Orra`; each writer gets the fields in its own form. */
export const nestLogger = (): Logger => new NestLoggerAdapter(new NestLogger('Orra'), {});

class NestLoggerAdapter implements Logger {
  constructor(
    private readonly target: NestLogger,
    private readonly fields: Fields,
  ) {}

  isEnabled(level: Level): boolean {
    return NestLogger.isLevelEnabled(NEST_LEVEL[level]);
  }

  debug(message: string, fields?: Fields): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields?: Fields): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields?: Fields): void {
    this.write('warn', message, fields);
  }

  error(message: string, fields?: Fields): void {
    this.write('error', message, fields);
  }

  child(fields: Fields): Logger {
    return new NestLoggerAdapter(this.target, { ...this.fields, ...fields });
  }

  private write(level: Level, message: string, fields?: Fields): void {
    const all = { ...this.fields, ...fields };
    const method = NEST_LEVEL[level];
    const writer = ApplicationLogger.current;
    if (writesText(writer)) this.target[method](asText(message, all));
    else if (isPino(writer)) this.target[method](all, message);
    else this.target[method]({ message, ...all });
  }
}

/** The logger that `app.useLogger()` set; Nest's own until then. */
class ApplicationLogger extends NestLogger {
  static get current(): LoggerService | undefined {
    return this.staticInstanceRef;
  }
}

/** Nest's own logger, except in its JSON mode, prints objects over several lines. */
const writesText = (logger: LoggerService | undefined): boolean =>
  logger instanceof ConsoleLogger && (logger as unknown as { options?: { json?: boolean } }).options?.json !== true;

/** `nestjs-pino` takes the fields before the message; others, such as `nest-winston`, take the message among the fields. */
const isPino = (logger: LoggerService | undefined): boolean =>
  typeof (logger as { logger?: { assign?: unknown } } | undefined)?.logger?.assign === 'function';

function asText(message: string, fields: Fields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [message, ...pairs].join(' ');
}
