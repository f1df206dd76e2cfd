-- That somebody read what is kept between a person and enterprises: one row a person, a reader, a kind of thing and an
-- hour. Null for everything else.
ALTER TABLE audit_log ADD COLUMN hour timestamptz;
CREATE UNIQUE INDEX audit_log_reads ON audit_log (profile_id, subject, role, organisation, resource, hour)
    WHERE hour IS NOT NULL;

CREATE OR REPLACE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('yinling.erasing', true) = 'on'
        AND (NEW.profile_id IS NULL OR NEW.profile_id = OLD.profile_id AND NEW.fields = OLD.fields)
        AND NEW.subject IN (OLD.subject, '')
        AND (NEW.number, NEW.time, NEW.role, NEW.organisation, NEW.resource, NEW.action, NEW.before, NEW.after)
            = (OLD.number, OLD.time, OLD.role, OLD.organisation, OLD.resource, OLD.action, OLD.before, OLD.after)
        AND NEW.resource_id IS NOT DISTINCT FROM OLD.resource_id
        AND NEW.mentoring_request_id IS NOT DISTINCT FROM OLD.mentoring_request_id
        AND NEW.hour IS NOT DISTINCT FROM OLD.hour
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- One call, so that a page costs one round trip more. A function, so that the lock is held before it is asked who was
-- erased: an erasure takes it alone for the moment in which it says so. In the order of the ids, so that no two calls
-- wait for each other.
CREATE FUNCTION record_reads(
    people uuid[], by_subject text, by_role text, by_organisation text, what text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('matching.people', 0));
    INSERT INTO audit_log (
        time, subject, role, organisation, resource, action, before, after, profile_id, fields, hour
    )
    SELECT at, by_subject, by_role, by_organisation, what, 'read', '', '', one.id, '{}', date_trunc('hour', at)
    FROM unnest(people) AS one (id)
    WHERE NOT EXISTS (SELECT FROM erased_people e WHERE e.digest = sha256(uuid_send(one.id)))
    ORDER BY one.id
    ON CONFLICT (profile_id, subject, role, organisation, resource, hour) WHERE hour IS NOT NULL DO NOTHING;
END
$$;
