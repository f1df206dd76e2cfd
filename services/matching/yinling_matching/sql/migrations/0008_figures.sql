-- For the figures: when a request was opened for the first time, and since when it is no longer open.
ALTER TABLE mentoring_requests
    ADD COLUMN open_time timestamptz,
    ADD COLUMN end_time timestamptz;

-- The audit knows of the requests made since there is one. Of the older ones it is taken that they were opened when they
-- were made, and ended when they last changed.
UPDATE mentoring_requests AS request SET
    open_time = coalesce(
        (SELECT min(time) FROM audit_log WHERE resource_id = request.id AND after = 'open'), request.create_time
    ),
    end_time = CASE WHEN request.state > 2 THEN coalesce(
        (
            SELECT max(time) FROM audit_log
            WHERE resource_id = request.id AND before = 'open' AND after IN ('filled', 'closed', 'expired')
        ),
        request.update_time
    ) END
WHERE request.state > 1;

-- Kept here and not by the service, so that a replica of before, which still writes during an upgrade, keeps them too.
CREATE FUNCTION note_open_and_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 2 THEN
        NEW.open_time := coalesce(NEW.open_time, NEW.update_time);
        NEW.end_time := NULL;
    ELSIF NEW.state > 2 THEN
        NEW.open_time := coalesce(NEW.open_time, NEW.create_time);
        NEW.end_time := coalesce(NEW.end_time, NEW.update_time);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER note_open_and_end BEFORE INSERT OR UPDATE ON mentoring_requests
    FOR EACH ROW EXECUTE FUNCTION note_open_and_end();
CREATE INDEX mentoring_requests_by_open_time ON mentoring_requests (open_time);

-- The moment when somebody was first shown for a request; of earlier ones only the day is known, and they have none.
ALTER TABLE exposures ADD COLUMN create_time timestamptz;
ALTER TABLE exposures ALTER COLUMN create_time SET DEFAULT now();
-- Who was shown in a period.
CREATE INDEX exposures_by_day ON exposures (first_day, request_id, profile_id);
