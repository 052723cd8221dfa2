/** Reads a submission by the rules of the Go engine. */
import { type OrraError } from '@orra-ts/common';
import { parseWireDuration, type OrchestrationId, type ProjectId, type Submission } from '@orra-ts/protocol';
import { engineError } from '../errors';
import { MAX_ACTION_LENGTH } from '../domain/plan/canonical-text';
import type { EventOf } from '../domain/orchestration/events';
import { checkMetadata } from './check-limits';
import type { PlanningSubject } from './planning';

export function toSubmitted(
  submission: Submission,
  ids: { readonly orchestrationId: OrchestrationId; readonly projectId: ProjectId },
  at: number,
): EventOf<'submitted'> {
  const timeoutMs = duration(submission.timeout, 'timeout');
  const healthGraceMs = duration(submission.healthCheckGracePeriod, 'healthCheckGracePeriod');
  const { action, data } = subjectOf(submission);
  checkMetadata(submission.metadata ?? undefined);
  return {
    type: 'submitted',
    at,
    ...ids,
    action: { type: submission.action?.type ?? '', content: action.content },
    data,
    timeoutMs,
    healthGraceMs,
    metadata: submission.metadata ?? undefined,
  };
}

/** The members of a submission that its plan depends on. */
export function subjectOf({ action, data, plan }: Submission): PlanningSubject & Pick<EventOf<'submitted'>, 'data'> {
  const content = action?.content ?? '';
  if (content.length > MAX_ACTION_LENGTH) {
    const text = `has ${content.length} characters, the maximum is ${MAX_ACTION_LENGTH}; submit long strings as data`;
    throw invalidSubmission('action', text);
  }
  const fields = new Set<string>();
  for (const { field } of data ?? []) {
    if (fields.has(field)) throw invalidSubmission('data', `the field "${field}" occurs twice`);
    fields.add(field);
  }
  return {
    action: { content },
    data: data?.map(({ field, value }) => ({ field, value: value ?? null })) ?? null,
    explicit: plan,
  };
}

function duration(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = parseWireDuration(value);
  if (ms !== undefined) return ms;
  throw invalidSubmission(
    param,
    `${JSON.stringify(value)} is not a valid duration; write a string such as "45s" or "1h30m", or nanoseconds`,
  );
}

const invalidSubmission = (param: string, message: string): OrraError =>
  engineError('ORRA_INVALID_SUBMISSION', `${param}: ${message}`, { details: { param } });
