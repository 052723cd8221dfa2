/** The command tree. */
import { Command } from 'commander';
import type { Runner } from './command';
import { addApiKeyCommands } from './commands/api-keys';
import { addCompensationFailureCommands } from './commands/compensation-failures';
import { addConfigCommands } from './commands/config';
import { addDevCommand } from './commands/dev';
import { addDoctorCommand } from './commands/doctor';
import { addGroundingCommands } from './commands/groundings';
import { addOrchestrationCommands } from './commands/orchestrations';
import { addPlanCommand } from './commands/plan';
import { addPlanCommands } from './commands/plans';
import { addProjectCommands } from './commands/projects';
import { addServiceCommands } from './commands/services';
import { addVerifyCommands } from './commands/verify';
import { addWebhookCommands } from './commands/webhooks';
import { addVersionCommand } from './commands/version';
import { CLI_VERSION } from './version';

export function buildProgram(runner: Runner): Command {
  const program = new Command('orra')
    .description('Inspect and control a Plan Engine.')
    .option('--config <file>', 'config file (default: ORRA_CONFIG, else ~/.orra/config.json)')
    .option('-p, --project <name>', 'use this project instead of the current one')
    .option('--debug', 'print requests, responses and error codes to standard error, with masked keys')
    .version(CLI_VERSION, '-V, --version', 'print the version of this program')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command');
  addDevCommand(program, runner);
  addProjectCommands(program, runner);
  addVerifyCommands(program, runner);
  addPlanCommand(program, runner);
  addOrchestrationCommands(program, runner);
  addCompensationFailureCommands(program, runner);
  addServiceCommands(program, runner);
  addPlanCommands(program, runner);
  addGroundingCommands(program, runner);
  addApiKeyCommands(program, runner);
  addWebhookCommands(program, runner);
  addDoctorCommand(program, runner);
  addConfigCommands(program, runner);
  addVersionCommand(program, runner);
  return program;
}
