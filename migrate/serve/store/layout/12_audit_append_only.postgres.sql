CREATE FUNCTION serve_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER serve_audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON serve_audit
	FOR EACH STATEMENT EXECUTE FUNCTION serve_audit_refuse();
