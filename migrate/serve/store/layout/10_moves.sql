-- A file is a row of pieces, each of which is stored once.
CREATE TABLE serve_pieces (
	sha       TEXT   PRIMARY KEY,
	stored_at BIGINT NOT NULL,
	content   BYTES  NOT NULL
);
CREATE TABLE serve_blobs (
	sha       TEXT   PRIMARY KEY,
	size      BIGINT NOT NULL,
	stored_at BIGINT NOT NULL
);
CREATE TABLE serve_blob_pieces (
	blob   TEXT   NOT NULL REFERENCES serve_blobs (sha) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	piece  TEXT   NOT NULL REFERENCES serve_pieces (sha),
	PRIMARY KEY (blob, number)
);
CREATE INDEX serve_blob_pieces_piece ON serve_blob_pieces (piece);

CREATE TABLE serve_moves (
	number     NUMBERED, -- the order in which they were made
	id         TEXT    NOT NULL UNIQUE,
	account    TEXT    NOT NULL,
	livemode   BOOLEAN NOT NULL,
	state      TEXT    NOT NULL,
	stop       BOOLEAN NOT NULL,
	migration  TEXT    NOT NULL,
	round      BIGINT  NOT NULL,
	version    BIGINT  NOT NULL,
	upload     TEXT    NOT NULL REFERENCES serve_blobs (sha),
	body       TEXT    NOT NULL, -- the move as JSON, without its review
	review     TEXT    NOT NULL  -- JSON, '' before the first review
);
CREATE INDEX serve_moves_account ON serve_moves (account, number);
CREATE INDEX serve_moves_upload ON serve_moves (upload);
CREATE INDEX serve_moves_state ON serve_moves (state, number);
CREATE INDEX serve_moves_migration ON serve_moves (migration) WHERE migration <> '';

CREATE TABLE serve_artifacts (
	move       TEXT   NOT NULL REFERENCES serve_moves (id),
	name       TEXT   NOT NULL,
	media_type TEXT   NOT NULL,
	blob       TEXT   NOT NULL REFERENCES serve_blobs (sha),
	size       BIGINT NOT NULL,
	made_at    BIGINT NOT NULL,
	PRIMARY KEY (move, name)
);

CREATE INDEX serve_artifacts_blob ON serve_artifacts (blob);

CREATE TABLE serve_shards (
	move      TEXT   NOT NULL REFERENCES serve_moves (id),
	round     BIGINT NOT NULL,
	number    BIGINT NOT NULL,
	first_row BIGINT NOT NULL,
	last_row  BIGINT NOT NULL,
	rows      BIGINT NOT NULL,
	done      BOOLEAN NOT NULL,
	content   BYTES  NOT NULL, -- compressed
	PRIMARY KEY (move, round, number)
);
CREATE INDEX serve_shards_left ON serve_shards (move, round, number) WHERE NOT done;

CREATE TABLE serve_acts (
	number   NUMBERED,
	id       TEXT   NOT NULL UNIQUE,
	move     TEXT   NOT NULL REFERENCES serve_moves (id),
	kind     TEXT   NOT NULL,
	state    TEXT   NOT NULL,
	error    TEXT   NOT NULL,
	actor    TEXT   NOT NULL,
	asked_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	artifact TEXT   NOT NULL
);
CREATE INDEX serve_acts_move ON serve_acts (move, number);
CREATE INDEX serve_acts_state ON serve_acts (state) WHERE state IN ('queued', 'working');

-- Who works on what, and when he was last seen: a job whose worker has died is told by this, long before River notices.
CREATE TABLE serve_work (
	work    TEXT   PRIMARY KEY,
	worker  TEXT   NOT NULL,
	attempt BIGINT NOT NULL,
	seen_at BIGINT NOT NULL -- 0 is nobody
);
