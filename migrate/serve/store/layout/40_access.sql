CREATE TABLE serve_sessions (
	token      TEXT   PRIMARY KEY, -- its hash
	data       BYTES  NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX serve_sessions_expires_at ON serve_sessions (expires_at);

CREATE TABLE serve_people (
	id      TEXT   PRIMARY KEY,
	name    TEXT   NOT NULL,
	seen_at BIGINT NOT NULL
);
