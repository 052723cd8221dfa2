import { ConsoleLogger, Logger } from '@nestjs/common';
import { nestLogger } from './logger';

afterEach(() => Logger.overrideLogger(true));

it("Nest's own logger writes the message and its fields on one line", () => {
  const write = jest.fn();
  class Memory extends ConsoleLogger {
    override log = write;
  }
  Logger.overrideLogger(new Memory());
  nestLogger().child({ component: 'sdk' }).info('connected', { services: 2, id: undefined });
  expect(write).toHaveBeenCalledWith('connected component=sdk services=2', 'Orra');
});

it('a logger of the application gets the message among its fields', () => {
  const warn = jest.fn();
  Logger.overrideLogger({ log: jest.fn(), error: jest.fn(), warn });
  nestLogger().child({ component: 'sdk' }).warn('retrying', { service: 'orders' });
  expect(warn).toHaveBeenCalledWith({ message: 'retrying', component: 'sdk', service: 'orders' }, 'Orra');
});

it('levels are those of Nest', () => {
  Logger.overrideLogger(['error']);
  expect([nestLogger().isEnabled('info'), nestLogger().isEnabled('error')]).toEqual([false, true]);
});
