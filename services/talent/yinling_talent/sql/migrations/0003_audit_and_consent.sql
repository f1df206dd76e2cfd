-- Who read or changed whose data: names of fields, never values. Written in the transaction of what it tells of.
CREATE TABLE audit_log (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time         timestamptz NOT NULL,
    subject      text        NOT NULL,
    role         text        NOT NULL,
    organisation text        NOT NULL,
    action       text        NOT NULL,
    resource     text        NOT NULL,
    resource_id  text        NOT NULL,
    -- null once the person is erased
    profile_id   uuid,
    fields       text[]      NOT NULL,
    -- of a read that is told once an hour; null for everything else
    hour         timestamptz
);
CREATE INDEX audit_log_by_profile ON audit_log (profile_id, number DESC) WHERE profile_id IS NOT NULL;
CREATE UNIQUE INDEX audit_log_reads ON audit_log (profile_id, subject, action, hour) WHERE hour IS NOT NULL;

-- Nothing is ever taken out of it. The erasing of a person, alone, makes its rows anonymous: it says so in its
-- transaction, and can change nothing else even then.
CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('yinling.erasing', true) = 'on'
        AND NEW.profile_id IS NULL AND NEW.resource_id = '' AND NEW.subject IN (OLD.subject, '')
        AND (NEW.number, NEW.time, NEW.role, NEW.organisation, NEW.action, NEW.resource, NEW.fields)
            = (OLD.number, OLD.time, OLD.role, OLD.organisation, OLD.action, OLD.resource, OLD.fields)
        AND NEW.hour IS NOT DISTINCT FROM OLD.hour
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

-- That somebody read some profiles: one row a person, a reader and an hour. One call, so that a read costs one round
-- trip more. A function, so that the lock is held before the people are looked for: an erasure takes it alone, and so
-- nobody who is erased meanwhile is written down. In the order of the ids, so that no two calls wait for each other.
CREATE FUNCTION record_reads(
    people uuid[], by_subject text, by_role text, by_organisation text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('talent.audit', 0));
    INSERT INTO audit_log (time, subject, role, organisation, action, resource, resource_id, profile_id, fields, hour)
    SELECT at, by_subject, by_role, by_organisation, 'read', 'profile', '', p.id, '{}', date_trunc('hour', at)
    FROM profiles p WHERE p.id = ANY(people) ORDER BY p.id
    ON CONFLICT (profile_id, subject, action, hour) WHERE hour IS NOT NULL DO NOTHING;
END
$$;
