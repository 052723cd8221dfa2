/**
 * The schema, as the ordered list of steps that lead to it: a database at version n (SQLite's `user_version`) has taken
 * the first n. A released step is never changed, a new one is added.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;

  -- The log: one row for each group commit, pruned once everything in it is archived in the two tables below.
  CREATE TABLE batches (id INTEGER PRIMARY KEY, members TEXT NOT NULL) STRICT;

  -- Closed orchestrations, and open ones that the log has been pruned under. number: order of submission.
  CREATE TABLE orchestrations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    open INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    changed_at REAL NOT NULL,
    summary TEXT NOT NULL
  ) STRICT;
  CREATE INDEX orchestrations_closed ON orchestrations (project_id, changed_at) WHERE open = 0;
  CREATE INDEX orchestrations_open ON orchestrations (number) WHERE open = 1;

  -- Their events, as JSON texts joined by commas; several rows where they were archived bit by bit.
  CREATE TABLE histories (
    id INTEGER PRIMARY KEY,
    orchestration INTEGER NOT NULL REFERENCES orchestrations (number) ON DELETE CASCADE,
    from_sequence INTEGER NOT NULL,
    events TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX histories_order ON histories (orchestration, from_sequence);

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
];
