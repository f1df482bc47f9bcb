CREATE TABLE migrations (
	number        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id            TEXT    NOT NULL UNIQUE,
	account       TEXT    NOT NULL,
	livemode      BOOLEAN NOT NULL,
	file          TEXT    NOT NULL,
	path          TEXT    NOT NULL,
	sha256        TEXT    NOT NULL,
	template      TEXT    NOT NULL,
	options       TEXT    NOT NULL,
	rows          BIGINT  NOT NULL,
	customers     BIGINT  NOT NULL,
	first_start   BIGINT  NOT NULL,
	created_at    BIGINT  NOT NULL,
	settled_at    BIGINT  NOT NULL,
	searched_at   BIGINT  NOT NULL,
	status        TEXT    NOT NULL,
	deferred      BIGINT  NOT NULL,
	deferred_file TEXT    NOT NULL,
	api_base      TEXT    NOT NULL
);

CREATE TABLE rows (
	migration      BIGINT NOT NULL,
	row            BIGINT NOT NULL,
	line           BIGINT NOT NULL,
	customer       TEXT   NOT NULL,
	source_id      TEXT   NOT NULL,
	start          BIGINT NOT NULL,
	strategy       TEXT   NOT NULL,
	state          TEXT   NOT NULL,
	attempt        BIGINT NOT NULL,
	key            TEXT   NOT NULL,
	intended_at    BIGINT NOT NULL,
	schedule       TEXT   NOT NULL,
	subscription   TEXT   NOT NULL,
	request        TEXT   NOT NULL,
	error_code     TEXT   NOT NULL,
	error          TEXT   NOT NULL,
	updated_at     BIGINT NOT NULL,
	verified_at    BIGINT NOT NULL DEFAULT 0,
	verified_hash  TEXT   NOT NULL DEFAULT '',
	source         TEXT   NOT NULL DEFAULT '',
	source_stop    TEXT   NOT NULL DEFAULT '',
	source_note    TEXT   NOT NULL DEFAULT '',
	source_attempt BIGINT NOT NULL DEFAULT 0,
	source_key     TEXT   NOT NULL DEFAULT '',
	source_at      BIGINT NOT NULL DEFAULT 0,
	payment        TEXT   NOT NULL DEFAULT '',
	payment_code   TEXT   NOT NULL DEFAULT '',
	payment_at     BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (migration, row)
);

-- Counting a million rows by state, and the live ones among them, reads the first index alone. The others are empty before
-- a direct subscription, a verify, a cutover and a monitor.
CREATE INDEX rows_by_state ON rows (migration, state, start);
CREATE INDEX rows_direct ON rows (migration, state) WHERE subscription <> '';
CREATE INDEX rows_verified ON rows (migration) WHERE verified_at <> 0;
CREATE INDEX rows_source ON rows (migration, source) WHERE source <> '';
CREATE INDEX rows_payment ON rows (migration, payment) WHERE payment <> '';

-- Within a book, which is an account in one of its modes, an identifier stands once.
CREATE TABLE usage_books (
	number   BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	account  TEXT    NOT NULL,
	livemode BOOLEAN NOT NULL,
	UNIQUE (account, livemode)
);

CREATE TABLE usage_runs (
	number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id         TEXT   NOT NULL UNIQUE,
	book       BIGINT NOT NULL,
	file       TEXT   NOT NULL,
	path       TEXT   NOT NULL,
	sha256     TEXT   NOT NULL,
	options    TEXT   NOT NULL,
	events     BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	settled_at BIGINT NOT NULL,
	status     TEXT   NOT NULL,
	api_base   TEXT   NOT NULL
);

CREATE TABLE usage_events (
	run         BIGINT NOT NULL,
	row         BIGINT NOT NULL,
	book        BIGINT NOT NULL,
	line        BIGINT NOT NULL,
	identifier  TEXT   NOT NULL COLLATE "C",
	customer    TEXT   NOT NULL,
	meter       TEXT   NOT NULL,
	at          BIGINT NOT NULL,
	value       TEXT   NOT NULL,
	digest      TEXT   NOT NULL,
	state       TEXT   NOT NULL,
	intended_at BIGINT NOT NULL,
	request     TEXT   NOT NULL,
	error_code  TEXT   NOT NULL,
	error       TEXT   NOT NULL,
	updated_at  BIGINT NOT NULL,
	PRIMARY KEY (run, row)
);
CREATE UNIQUE INDEX usage_by_identifier ON usage_events (book, identifier);
