CREATE TABLE serve_audit (
	number    NUMBERED,
	at        BIGINT NOT NULL,
	actor     TEXT   NOT NULL,
	action    TEXT   NOT NULL,
	move      TEXT   NOT NULL,
	migration TEXT   NOT NULL,
	detail    TEXT   NOT NULL -- JSON
);
CREATE INDEX serve_audit_move ON serve_audit (move, number);
