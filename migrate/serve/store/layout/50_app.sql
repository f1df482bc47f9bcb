-- Accounts whose control somebody has proved at Stripe. No key and no token of theirs is here.
CREATE TABLE serve_connected (
	account      TEXT    NOT NULL,
	livemode     BOOLEAN NOT NULL,
	connected_by TEXT    NOT NULL,
	connected_at BIGINT  NOT NULL,
	ended_by     TEXT    NOT NULL,
	ended_at     BIGINT  NOT NULL, -- 0 while it is connected
	PRIMARY KEY (account, livemode)
);

-- Who a user of Stripe's Dashboard is here, and what he may do, until when.
CREATE TABLE serve_app_users (
	account     TEXT   NOT NULL,
	stripe_user TEXT   NOT NULL,
	person      TEXT   NOT NULL,
	role        TEXT   NOT NULL,
	linked_at   BIGINT NOT NULL,
	until       BIGINT NOT NULL,
	PRIMARY KEY (account, stripe_user)
);

-- The signed requests that were answered: none is answered twice, on whichever machine.
CREATE TABLE serve_signatures (
	digest TEXT   PRIMARY KEY,
	until  BIGINT NOT NULL
);
CREATE INDEX serve_signatures_until ON serve_signatures (until);

-- Codes, tokens and states that are good for one use: their hashes, never themselves.
CREATE TABLE serve_tickets (
	hash   TEXT    PRIMARY KEY,
	kind   TEXT    NOT NULL,
	parent TEXT    NOT NULL, -- the hash of the ticket that this one was given for, '' is none
	used   BOOLEAN NOT NULL,
	until  BIGINT  NOT NULL,
	body   TEXT    NOT NULL
);
CREATE INDEX serve_tickets_until ON serve_tickets (until);
CREATE INDEX serve_tickets_parent ON serve_tickets (parent) WHERE parent <> '';
