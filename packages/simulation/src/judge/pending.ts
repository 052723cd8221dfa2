/**
 * The only place that leaves something out. A rule here is checked and shown in traces, but does not make a seed fail; a
 * fault here is not injected. `--all` ignores this file. Each entry has the reason.
 */
import type { FaultKind } from '../spec/world-spec';
import type { RuleName } from './rules';

export const PENDING_RULES: Readonly<Partial<Record<RuleName, string>>> = {};

export const PENDING_FAULTS: Readonly<Partial<Record<FaultKind, string>>> = {};
