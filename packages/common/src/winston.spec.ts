import { Writable } from 'node:stream';
import winston from 'winston';
import { silentLogger } from './logger';
import { createDefaultLogger, winstonLogger } from './winston';

function recording(level = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = winston.createLogger({
    level,
    format: winston.format.json(),
    transports: [new winston.transports.Stream({ stream })],
  });
  return { lines, logger };
}

describe('winstonLogger', () => {
  it('writes the message and fields at each level', () => {
    const { lines, logger } = recording();
    const log = winstonLogger(logger);
    log.debug('a', { n: 1 });
    log.info('b', { ids: ['x'] });
    log.warn('c');
    log.error('d', { deep: { e: true } });
    expect(lines).toEqual([
      { level: 'debug', message: 'a', n: 1 },
      { level: 'info', message: 'b', ids: ['x'] },
      { level: 'warn', message: 'c' },
      { level: 'error', message: 'd', deep: { e: true } },
    ]);
  });

  it('reports the enabled levels, and ignores the others', () => {
    const { lines, logger } = recording('warn');
    const write = jest.spyOn(logger, 'log');
    const log = winstonLogger(logger);
    expect((['debug', 'info', 'warn', 'error'] as const).map((level) => log.isEnabled(level))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    const untouched = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('the fields of a disabled line were read');
        },
      },
    );
    log.debug('no', untouched);
    log.info('no', untouched);
    expect([write.mock.calls, lines]).toEqual([[], []]);
    log.warn('yes');
    expect(lines).toHaveLength(1);
  });

  it('a child and its children add their fields to every line; the parent is unchanged', () => {
    const { lines, logger } = recording();
    const log = winstonLogger(logger);
    const child = log.child({ component: 'link', serviceId: 's_a' });
    child.child({ taskId: 'task1' }).info('deep', { n: 1 });
    child.info('child');
    log.info('parent');
    expect(lines).toEqual([
      { level: 'info', message: 'deep', component: 'link', serviceId: 's_a', taskId: 'task1', n: 1 },
      { level: 'info', message: 'child', component: 'link', serviceId: 's_a' },
      { level: 'info', message: 'parent' },
    ]);
  });

  it('uses a level that is changed at run time', () => {
    const { lines, logger } = recording('error');
    const log = winstonLogger(logger).child({ component: 'x' });
    log.info('no');
    logger.level = 'info';
    log.info('yes');
    expect(lines.map(({ message }) => message)).toEqual(['yes']);
  });
});

describe('createDefaultLogger', () => {
  const environment = process.env['ORRA_LOG_LEVEL'];
  let log: jest.SpyInstance<unknown, [unknown, () => void]>;
  const written = () => log.mock.calls.map(([line]) => (line as { level: string }).level);

  beforeAll(() => {
    const transport = winston.transports.Stream.prototype as Required<winston.transports.StreamTransportInstance>;
    log = jest.spyOn(transport, 'log').mockImplementation((_line: unknown, done: () => void) => done());
  });
  beforeEach(() => {
    log.mockClear();
    delete process.env['ORRA_LOG_LEVEL'];
  });
  afterAll(() => {
    log.mockRestore();
    if (environment === undefined) delete process.env['ORRA_LOG_LEVEL'];
    else process.env['ORRA_LOG_LEVEL'] = environment;
  });

  const speak = (logger = createDefaultLogger()) => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](level);
    return written();
  };

  it('has the level of the option, else of ORRA_LOG_LEVEL, else info', () => {
    expect(speak()).toEqual(['info', 'warn', 'error']);
    process.env['ORRA_LOG_LEVEL'] = ' DEBUG ';
    log.mockClear();
    expect(speak()).toEqual(['debug', 'info', 'warn', 'error']);
    log.mockClear();
    expect(speak(createDefaultLogger({ level: 'error' }))).toEqual(['error']);
    process.env['ORRA_LOG_LEVEL'] = 'chatty';
    log.mockClear();
    expect(speak()).toEqual(['info', 'warn', 'error']);
  });

  it('writes nothing when silent', () => {
    expect(speak(createDefaultLogger({ level: 'silent' }))).toEqual([]);
    process.env['ORRA_LOG_LEVEL'] = 'silent';
    expect(speak()).toEqual([]);
  });
});

it('the silent logger and its children write nothing', () => {
  const log = silentLogger.child({ a: 1 });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    expect(log.isEnabled(level)).toBe(false);
    expect(log[level]('text')).toBeUndefined();
  }
});
