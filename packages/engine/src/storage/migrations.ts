/**
 * The schema as an ordered list of steps. A database at version n (SQLite's `user_version`) has taken the first n steps.
 * A released step never changes; a change adds a step.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- epoch: number of starts; settled: the log up to this row is summed up in orchestrations.
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO meta (name, value) VALUES ('epoch', 0), ('settled', 0);

  -- Events, in the order they were committed, many appends to a row; never changed.
  CREATE TABLE log (id INTEGER PRIMARY KEY, members TEXT NOT NULL) STRICT;

  -- Closed orchestrations, and open ones that a start need not look for in the log any more.
  -- number: order of submission; sequence: number of events in log_rows, a JSON array of ids.
  CREATE TABLE orchestrations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    open INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    changed_at REAL NOT NULL,
    summary TEXT NOT NULL,
    log_rows TEXT NOT NULL
  ) STRICT;
  CREATE INDEX orchestrations_closed ON orchestrations (project_id, changed_at) WHERE open = 0;
  CREATE INDEX orchestrations_open ON orchestrations (number) WHERE open = 1;

  CREATE TABLE projects (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  -- hash: SHA-256 of the key in hexadecimal digits.
  CREATE TABLE api_keys (hash TEXT PRIMARY KEY, project_id TEXT NOT NULL REFERENCES projects (id)) STRICT;
  -- revision: order of registration.
  CREATE TABLE services (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE plans (
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project_id, name, version)
  ) STRICT;
  `,
  `
  -- Compensations that were given up; body: a StoredFailure, kept in step with the events by the journal.
  CREATE TABLE compensation_failures (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX compensation_failures_newest ON compensation_failures (project_id, at);

  -- body holds the secret that its messages are signed with.
  CREATE TABLE webhooks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects (id),
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE groundings (
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project_id, name)
  ) STRICT;
  -- Of the engine itself, such as what read tokens are signed with.
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  `
  -- Plans that models have made; body: a CachedPlan. Can be emptied at any time.
  CREATE TABLE plan_cache (
    project_id TEXT NOT NULL,
    key TEXT NOT NULL,
    used_at REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project_id, key)
  ) STRICT;
  CREATE INDEX plan_cache_unused ON plan_cache (project_id, used_at);
  `,
  `
  -- Schemas (JSON) of the services that a version of a plan names, as they were when it was registered.
  CREATE TABLE plan_pins (
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    service TEXT NOT NULL,
    schema TEXT NOT NULL,
    PRIMARY KEY (project_id, name, version, service),
    FOREIGN KEY (project_id, name, version) REFERENCES plans (project_id, name, version)
  ) STRICT;
  -- A plan whose newest version is here is matched with no action; a version after that is.
  CREATE TABLE plan_retirements (
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (project_id, name, version),
    FOREIGN KEY (project_id, name, version) REFERENCES plans (project_id, name, version)
  ) STRICT;
  `,
  `
  -- Idempotency keys of orchestrations that are not in memory and may still get a response (body: a StoredKey). keep_until:
  -- milliseconds since 1970; later if a record of the orchestration is pending.
  CREATE TABLE late_keys (
    service_id TEXT NOT NULL,
    key TEXT NOT NULL,
    orchestration_id TEXT NOT NULL,
    keep_until REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (service_id, key)
  ) STRICT;
  CREATE INDEX late_keys_end ON late_keys (keep_until);

  -- Members of body that lists are filtered by. Older bodies have no kind, but a status with the same meaning.
  ALTER TABLE compensation_failures ADD COLUMN orchestration_id TEXT NOT NULL DEFAULT '';
  ALTER TABLE compensation_failures ADD COLUMN kind TEXT NOT NULL DEFAULT 'failed';
  ALTER TABLE compensation_failures ADD COLUMN resolution_state TEXT NOT NULL DEFAULT 'pending';
  UPDATE compensation_failures SET
    orchestration_id = json_extract(body, '$.orchestrationId'),
    kind = json_extract(body, '$.status'),
    resolution_state = json_extract(body, '$.resolutionState');
  -- Contains all columns of a filter, so rows that do not match are not read.
  DROP INDEX compensation_failures_newest;
  CREATE INDEX compensation_failures_listed ON compensation_failures (project_id, at, kind, resolution_state);
  CREATE INDEX compensation_failures_pending ON compensation_failures (orchestration_id)
    WHERE resolution_state = 'pending';
  `,
];
