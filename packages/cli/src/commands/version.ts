import type { Command } from 'commander';
import { PROTOCOL_VERSION } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { CLI_VERSION } from '../version';

export function addVersionCommand(program: Command, runner: Runner): void {
  withOutput(
    program.command('version').description('print the versions of this program and of its protocol'),
    '`{ client, protocol }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      session
        .output(output)
        .show({ client: CLI_VERSION, protocol: PROTOCOL_VERSION }, () => [
          `Client version:   v${CLI_VERSION}`,
          `Protocol version: v${PROTOCOL_VERSION}`,
        ]);
      return undefined;
    }),
  );
}
