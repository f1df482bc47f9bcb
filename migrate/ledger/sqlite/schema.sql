CREATE TABLE migrations (
	number      INTEGER PRIMARY KEY,
	id          TEXT    NOT NULL UNIQUE,
	account     TEXT    NOT NULL,
	livemode    INTEGER NOT NULL,
	file        TEXT    NOT NULL,
	path        TEXT    NOT NULL,
	sha256      TEXT    NOT NULL,
	template    TEXT    NOT NULL,
	options     TEXT    NOT NULL,
	rows        INTEGER NOT NULL,
	customers   INTEGER NOT NULL,
	first_start INTEGER NOT NULL,
	created_at  INTEGER NOT NULL,
	settled_at  INTEGER NOT NULL,
	searched_at INTEGER NOT NULL,
	status      TEXT    NOT NULL
);

CREATE TABLE rows (
	migration   INTEGER NOT NULL REFERENCES migrations (number),
	row         INTEGER NOT NULL,
	line        INTEGER NOT NULL,
	customer    TEXT    NOT NULL,
	source_id   TEXT    NOT NULL,
	start       INTEGER NOT NULL,
	strategy    TEXT    NOT NULL,
	state       TEXT    NOT NULL,
	attempt     INTEGER NOT NULL,
	key         TEXT    NOT NULL,
	intended_at INTEGER NOT NULL,
	schedule    TEXT    NOT NULL,
	request     TEXT    NOT NULL,
	error_code  TEXT    NOT NULL,
	error       TEXT    NOT NULL,
	updated_at  INTEGER NOT NULL,
	PRIMARY KEY (migration, row)
) WITHOUT ROWID;

-- Counting a million rows by state, and the live ones among them, reads this index alone.
CREATE INDEX rows_by_state ON rows (migration, state, start);
