CREATE TRIGGER serve_audit_no_update BEFORE UPDATE ON serve_audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER serve_audit_no_delete BEFORE DELETE ON serve_audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
