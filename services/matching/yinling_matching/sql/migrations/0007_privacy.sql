-- Some entries are about a person alone: that somebody had everything about them handed out.
ALTER TABLE audit_log ALTER COLUMN resource_id DROP NOT NULL;
ALTER TABLE audit_log ALTER COLUMN mentoring_request_id DROP NOT NULL;

-- Nothing is ever taken out of it. The erasing of a person, alone, makes what tells of them anonymous: it says so in its
-- transaction, and can change nothing else even then.
CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('yinling.erasing', true) = 'on'
        AND NEW.profile_id IS NULL AND NEW.subject IN (OLD.subject, '')
        AND (NEW.number, NEW.time, NEW.role, NEW.organisation, NEW.resource, NEW.action, NEW.before, NEW.after)
            = (OLD.number, OLD.time, OLD.role, OLD.organisation, OLD.resource, OLD.action, OLD.before, OLD.after)
        AND NEW.resource_id IS NOT DISTINCT FROM OLD.resource_id
        AND NEW.mentoring_request_id IS NOT DISTINCT FROM OLD.mentoring_request_id
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_stays();
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();

-- What is done once a day, by whichever replica comes first.
CREATE TABLE daily_work (
    name text PRIMARY KEY,
    time timestamptz NOT NULL
);
INSERT INTO daily_work VALUES ('sweep_embeddings', now());
