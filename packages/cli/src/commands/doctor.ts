/** `orra doctor`: checks the usual causes of problems. */
import type { Command } from 'commander';
import { OrraError, describeThrown } from '@orra-ts/common';
import { proxyOf } from '@orra-ts/common/proxy';
import { OrraUnauthorizedError, OrraUnknownOrchestrationError } from '@orra-ts/client';
import { VERSION_HEADER } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { EXIT } from '../errors';
import { describeFailure } from '../failure-message';
import { findCopies } from '../installed-packages';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session, UsableProject } from '../session';

const OLDEST_NODE = [20, 19] as const;
/** With a larger difference, ages and timeouts are misleading. */
const TOLERATED_SKEW_MS = 5_000;
const TIMEOUT_MS = 5_000;
/** Has the form of an orchestration id, but does not exist. */
const NO_ORCHESTRATION = 'o_doctor';

interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  readonly next?: string;
}

export function addDoctorCommand(program: Command, runner: Runner): void {
  withOutput(
    program.command('doctor').description('check Node, installed packages, config, proxy, engine, clock and key'),
    'a list of `{ name, status: "ok" | "warning" | "failed" | "skipped", detail, next? }`',
  ).action(
    runner.handle<[], OutputFlags>(async (session, { output }) => {
      const checks = await runChecks(session);
      session.output(output).show(checks, (style) => checks.flatMap((check) => checkLines(check, style)));
      return checks.some(({ status }) => status === 'failed') ? EXIT.error : EXIT.ok;
    }),
  );
}

async function runChecks(session: Session): Promise<Check[]> {
  const local = [checkNode(process.versions.node), checkPackages(session.io.cwd)];
  let project: UsableProject;
  try {
    project = session.project();
  } catch (error) {
    const { message, next } = describeFailure(error, {});
    return [...local, { name: 'project', status: 'failed', detail: message, next }];
  }
  const { name, server } = project;
  const checks: Check[] = [
    ...local,
    { name: 'project', status: 'ok', detail: `${name} at ${server}` },
    ...checkProxy(server),
  ];
  const { engine, clock, isReachable } = await checkEngine(session, project);
  return [...checks, engine, clock, isReachable ? await checkKey(session, project) : skipped('key')];
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const isSupported = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  if (isSupported) return { name: 'node', status: 'ok', detail: version };
  const next = `install Node ${OLDEST_NODE.join('.')} or newer`;
  return { name: 'node', status: 'failed', detail: `${version} is too old`, next };
}

/** Decorators, DTOs and errors of two copies of a package do not work together. */
function checkPackages(cwd: string): Check {
  const { found, duplicated } = findCopies(cwd);
  const name = 'packages';
  if (duplicated.length > 0) {
    const detail = duplicated
      .map(
        ({ name: one, copies }) => `${one} (${copies.map(({ version, path }) => `${version} in ${path}`).join(', ')})`,
      )
      .join('; ');
    const next =
      'install one version of each: `npm ls <package>` shows which package requires it, `npm dedupe` often fixes it';
    return { name, status: 'failed', detail: `installed twice: ${detail}`, next };
  }
  return {
    name,
    status: 'ok',
    detail: found === 0 ? 'no Orra packages are installed here' : `${found}, each installed once`,
  };
}

/** Empty if the engine is reached directly. */
function checkProxy(server: string): Check[] {
  const name = 'proxy';
  try {
    const proxy = proxyOf(server);
    return proxy ? [{ name, status: 'ok', detail: proxy.label }] : [];
  } catch (error) {
    return [{ name, status: 'failed', detail: describeThrown(error), next: 'correct the variable, or unset it' }];
  }
}

async function checkEngine(
  { transport, io }: Session,
  { server }: UsableProject,
): Promise<{ readonly engine: Check; readonly clock: Check; readonly isReachable: boolean }> {
  const startedMs = io.clock.now();
  try {
    const { status, headers } = await transport.request({
      method: 'GET',
      url: `${server.replace(/\/+$/, '')}/health`,
      timeoutMs: TIMEOUT_MS,
    });
    const endedMs = io.clock.now();
    const version = headers[VERSION_HEADER.toLowerCase()];
    if (status !== 200 || version === undefined) {
      const next = 'check the server of the project with `orra projects ls`';
      const detail = `the server at ${server} is not a Plan Engine (status ${status})`;
      return {
        engine: { name: 'engine', status: 'failed', detail, next },
        clock: skipped('clock'),
        isReachable: false,
      };
    }
    const detail = `protocol ${version}, responded in ${endedMs - startedMs} ms`;
    const clock = checkClock(headers['date'], startedMs, endedMs);
    return { engine: { name: 'engine', status: 'ok', detail }, clock, isReachable: true };
  } catch (error) {
    const { message, next } = describeFailure(error, { server });
    return {
      engine: { name: 'engine', status: 'failed', detail: message, next },
      clock: skipped('clock'),
      isReachable: false,
    };
  }
}

/** The `date` header has whole seconds, and was written between `startedMs` and `endedMs`. */
export function checkClock(date: string | undefined, startedMs: number, endedMs: number): Check {
  const engineMs = Date.parse(date ?? '');
  const name = 'clock';
  if (Number.isNaN(engineMs)) return { name, status: 'skipped', detail: 'the response of the engine has no date' };
  const ahead = Math.max(0, engineMs - endedMs);
  const behind = Math.max(0, startedMs - (engineMs + 999));
  const skewMs = Math.max(ahead, behind);
  if (skewMs <= TOLERATED_SKEW_MS) return { name, status: 'ok', detail: 'matches the clock of the engine' };
  return {
    name,
    status: 'warning',
    detail: `the clock of the engine is ${Math.round(skewMs / 1000)} s ${ahead > behind ? 'ahead of' : 'behind'} this machine`,
    next: 'synchronise both clocks with a time server; ages and remaining timeouts are wrong otherwise',
  };
}

async function checkKey(session: Session, project: UsableProject): Promise<Check> {
  const name = 'key';
  try {
    await session.clientOf(project).orchestrations.inspect(NO_ORCHESTRATION);
  } catch (error) {
    // The engine checks the key first, so an unknown id means that the key is valid.
    if (error instanceof OrraUnknownOrchestrationError) return { name, status: 'ok', detail: 'accepted by the engine' };
    const { message, next } = describeFailure(error, { project: project.name, server: project.server });
    if (error instanceof OrraUnauthorizedError) return { name, status: 'failed', detail: message, next };
    const why = error instanceof OrraError ? message : describeThrown(error);
    return { name, status: 'warning', detail: `could not be checked: ${why}`, next };
  }
  return { name, status: 'ok', detail: 'accepted by the engine' };
}

const skipped = (name: string): Check => ({ name, status: 'skipped', detail: 'requires a reachable engine' });

function checkLines({ name, status, detail, next }: Check, { colours }: Style): string[] {
  const icon = {
    ok: colours.green('✓'),
    warning: colours.yellow('!'),
    failed: colours.red('✕'),
    skipped: colours.dim('─'),
  }[status];
  return [
    `${icon} ${name.padEnd(8)}  ${escapeControlCharacters(detail)}`,
    ...(next === undefined ? [] : [`  ${' '.repeat(8)}  ${escapeControlCharacters(next)}`]),
  ];
}
