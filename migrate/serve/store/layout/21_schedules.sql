CREATE TABLE serve_schedules (
	name       TEXT   PRIMARY KEY,
	expression TEXT   NOT NULL,
	zone       TEXT   NOT NULL,
	args       TEXT   NOT NULL, -- JSON
	dir        TEXT   NOT NULL,
	created_by TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	checked_at BIGINT NOT NULL -- every moment up to here was dealt with
);

CREATE TABLE serve_schedule_runs (
	schedule  TEXT   NOT NULL,
	moment    BIGINT NOT NULL,
	state     TEXT   NOT NULL,
	started_by TEXT  NOT NULL,
	machine   TEXT   NOT NULL,
	began_at  BIGINT NOT NULL,
	seen_at   BIGINT NOT NULL,
	ended_at  BIGINT NOT NULL,
	exit_code BIGINT NOT NULL,
	missed    BIGINT NOT NULL, -- moments, of which this is the last
	since     BIGINT NOT NULL, -- the first of them
	output    TEXT   NOT NULL,
	note      TEXT   NOT NULL,
	PRIMARY KEY (schedule, moment) -- never twice for one moment
);
CREATE INDEX serve_schedule_runs_open ON serve_schedule_runs (state) WHERE state IN ('queued', 'running');
