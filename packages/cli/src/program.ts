/** The command tree. */
import { Command } from 'commander';
import type { Runner } from './command';
import { addConfigCommands } from './commands/config';
import { addProjectCommands } from './commands/projects';
import { addVersionCommand } from './commands/version';

export function buildProgram(runner: Runner): Command {
  const program = new Command('orra')
    .description('See and steer what a Plan Engine runs.')
    .option('--config <file>', 'config file (default: ORRA_CONFIG, else ~/.orra/config.json)')
    .option('-p, --project <name>', 'use this project instead of the current one')
    .option('--debug', 'show every request and answer on standard error, keys masked')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command');
  addProjectCommands(program, runner);
  addConfigCommands(program, runner);
  addVersionCommand(program, runner);
  return program;
}
