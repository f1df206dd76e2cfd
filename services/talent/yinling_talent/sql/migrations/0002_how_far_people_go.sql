-- Kilometres from home for work on site, where the person says so; 0 where not stated. The default is for what is
-- there already, and for a replica of before that still writes during an upgrade.
ALTER TABLE profiles ADD COLUMN max_distance_km smallint NOT NULL DEFAULT 0;
