/** `orra webhooks`: registers webhooks with the engine and stores them in the config. */
import type { Command } from 'commander';
import type { OrraClient, Webhook } from '@orra-ts/client';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session } from '../session';
import { parseWebhookUrl } from '../webhook-receiver';

interface WebhookKind {
  /** Singular noun for messages. */
  readonly noun: string;
  readonly member: 'webhooks' | 'compensation_failure_webhooks';
  readonly when: string;
  readonly add: (orra: OrraClient, url: string) => Promise<Webhook>;
}

const RESULTS: WebhookKind = {
  noun: 'webhook',
  member: 'webhooks',
  when: 'an orchestration ends',
  add: (orra, url) => orra.webhooks.add(url),
};

export const COMPENSATION_FAILURES: WebhookKind = {
  noun: 'compensation failure webhook',
  member: 'compensation_failure_webhooks',
  when: 'a compensation fails permanently',
  add: (orra, url) => orra.compensationFailures.webhooks.add(url),
};

export const addWebhookCommands = (program: Command, runner: Runner): void => addWebhookGroup(program, runner, RESULTS);

export function addWebhookGroup(parent: Command, runner: Runner, kind: WebhookKind): void {
  const group = parent.command('webhooks').description(`URLs that the engine calls when ${kind.when}`);
  withOutput(
    group
      .command('add')
      .argument('<url>', 'http or https')
      .description(`add a URL that the engine calls when ${kind.when}`),
    '`{ project, url, secret? }`; the secret signs the requests (Standard Webhooks) and is shown only once',
  ).action(runner.handle<[string], OutputFlags>((session, flags, url) => add(session, flags, url, kind)));
  withOutput(
    group.command('ls').description('list the URLs in the config; engines do not list them'),
    'a list of `{ url }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const { name, stored } = session.storedProject();
      const urls = stored[kind.member] ?? [];
      session.output(output).show(
        urls.map((url) => ({ url })),
        () =>
          urls.length === 0
            ? [`Project ${escapeControlCharacters(name)} has no ${kind.noun}s`]
            : [
                `The ${kind.noun}s of project ${escapeControlCharacters(name)}:`,
                '',
                ...urls.map((url) => `- ${escapeControlCharacters(url)}`),
              ],
      );
      return undefined;
    }),
  );
}

async function add(session: Session, { output }: OutputFlags, url: string, kind: WebhookKind): Promise<undefined> {
  parseWebhookUrl(url);
  const project = session.storedProject();
  const { secret } = await kind.add(session.clientOf(project), url);
  await session.updateProject(project.name, (stored) => ({ [kind.member]: [...(stored[kind.member] ?? []), url] }));
  session
    .output(output)
    .show({ project: project.name, url, secret }, () => [
      `Project ${escapeControlCharacters(project.name)} has a new ${kind.noun}:`,
      `Webhook: ${escapeControlCharacters(url)}`,
      ...(secret === undefined
        ? []
        : [
            `Secret:  ${escapeControlCharacters(secret)}`,
            'It signs the requests (Standard Webhooks). It is not shown again: store it with the receiver of the webhook.',
          ]),
    ]);
  return undefined;
}
