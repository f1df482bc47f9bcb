-- How many rows have what is counted of them. Counting a million of them takes too long for somebody who asks every second.
-- Whoever writes rows counts in a slot of its own, so that nobody waits for a number that another one has changed and not
-- committed yet. A number of one slot may be negative; only sums mean something.
CREATE TABLE row_counts (
	migration BIGINT  NOT NULL,
	slot      INT     NOT NULL,
	kind      TEXT    NOT NULL, -- state, source, payment or verified
	value     TEXT    NOT NULL,
	direct    BOOLEAN NOT NULL, -- of a state: the row has a direct subscription
	hour      BIGINT  NOT NULL, -- of a state: the hour since 1970 in which the row starts
	n         BIGINT  NOT NULL,
	PRIMARY KEY (migration, slot, kind, value, direct, hour)
) WITH (fillfactor = 50);

INSERT INTO row_counts
	SELECT migration, -1, 'state', state, subscription <> '', start / 3600, count(*) FROM rows GROUP BY 1, 4, 5, 6
	UNION ALL SELECT migration, -1, 'source', source, false, 0, count(*) FROM rows WHERE source <> '' GROUP BY 1, 4
	UNION ALL SELECT migration, -1, 'payment', payment, false, 0, count(*) FROM rows WHERE payment <> '' GROUP BY 1, 4
	UNION ALL SELECT migration, -1, 'verified', '', false, 0, count(*) FROM rows WHERE verified_at <> 0 GROUP BY 1;

-- One statement, of however many rows, changes each number once.
DO $do$
DECLARE
	event   TEXT;
	tables  TEXT;
	changed TEXT;
BEGIN
	FOR event, tables, changed IN VALUES
		('INSERT', 'NEW TABLE AS added', 'SELECT r.*, 1 AS by FROM added r'),
		('DELETE', 'OLD TABLE AS removed', 'SELECT r.*, -1 AS by FROM removed r'),
		('UPDATE', 'NEW TABLE AS added OLD TABLE AS removed', 'SELECT r.*, 1 AS by FROM added r UNION ALL SELECT r.*, -1 FROM removed r')
	LOOP
		EXECUTE format($format$
			CREATE FUNCTION count_%1$s() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
			DECLARE
				own CONSTANT INT := coalesce(nullif(current_setting('subferry.slot', true), ''), '-1');
			BEGIN
				INSERT INTO row_counts AS c
					SELECT migration, own, kind, value, direct, hour, sum(by) FROM (%3$s) r, LATERAL (VALUES
						('state', r.state, r.subscription <> '', r.start / 3600),
						('source', nullif(r.source, ''), false, 0),
						('payment', nullif(r.payment, ''), false, 0),
						('verified', CASE WHEN r.verified_at <> 0 THEN '' END, false, 0)
					) AS counted (kind, value, direct, hour)
					WHERE value IS NOT NULL
					GROUP BY migration, kind, value, direct, hour HAVING sum(by) <> 0
				ON CONFLICT (migration, slot, kind, value, direct, hour) DO UPDATE SET n = c.n + excluded.n;
				RETURN NULL;
			END $body$;
			CREATE TRIGGER count_%1$s AFTER %1$s ON rows REFERENCING %2$s FOR EACH STATEMENT EXECUTE FUNCTION count_%1$s();
		$format$, event, tables, changed);
	END LOOP;
END $do$;

DROP INDEX rows_direct, rows_verified, rows_source, rows_payment;

-- The few rows that a run still has to do with, among a million others: those that were refused are shown with every status.
CREATE INDEX rows_open ON rows (migration, row) WHERE state IN ('intended', 'unknown', 'refused');
