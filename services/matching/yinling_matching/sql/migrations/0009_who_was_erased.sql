-- The erasing of a person takes their account out of what the log tells of others too. Of these nothing else changes.
CREATE OR REPLACE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('yinling.erasing', true) = 'on'
        AND (NEW.profile_id IS NULL OR NEW.profile_id = OLD.profile_id AND NEW.fields = OLD.fields)
        AND NEW.subject IN (OLD.subject, '')
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

-- Who was erased lately, by a digest of their id: a replica that showed them a moment before writes it no more.
CREATE TABLE erased_people (
    digest bytea PRIMARY KEY,
    time timestamptz NOT NULL DEFAULT now()
);
