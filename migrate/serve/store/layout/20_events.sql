-- How many events of an account were stored: the next one's number is given under this row's lock, so that numbers become
-- visible in their order and a reader that has seen one has seen all before it. And who applies them.
CREATE TABLE serve_event_heads (
	account    TEXT    NOT NULL,
	livemode   BOOLEAN NOT NULL,
	last       BIGINT  NOT NULL,
	worker     TEXT    NOT NULL,
	held_until BIGINT  NOT NULL,
	PRIMARY KEY (account, livemode)
);

CREATE TABLE serve_events (
	account     TEXT    NOT NULL,
	livemode    BOOLEAN NOT NULL,
	id          TEXT    NOT NULL,
	number      BIGINT  NOT NULL, -- the order of their arrival, from 1 without gaps
	type        TEXT    NOT NULL,
	api_version TEXT    NOT NULL,
	created     BIGINT  NOT NULL, -- when it happened
	received    BIGINT  NOT NULL,
	raw         BYTES   NOT NULL, -- as it came
	state       TEXT    NOT NULL,
	note        TEXT    NOT NULL, -- what came of it, or why nothing
	PRIMARY KEY (account, livemode, id)
);
CREATE UNIQUE INDEX serve_events_number ON serve_events (account, livemode, number);
CREATE INDEX serve_events_waiting ON serve_events (account, livemode, number) WHERE state = 'waiting';
CREATE INDEX serve_events_type ON serve_events (account, livemode, type, created);

-- What events have told of rows that a person should know.
CREATE TABLE serve_event_notes (
	account   TEXT    NOT NULL,
	livemode  BOOLEAN NOT NULL,
	event     TEXT    NOT NULL,
	migration TEXT    NOT NULL,
	row       BIGINT  NOT NULL,
	line      BIGINT  NOT NULL,
	subject   TEXT    NOT NULL, -- the subscription
	kind      TEXT    NOT NULL,
	sentence  TEXT    NOT NULL,
	created   BIGINT  NOT NULL,
	PRIMARY KEY (account, livemode, event, migration, row)
);
CREATE INDEX serve_event_notes_migration ON serve_event_notes (migration, created);
