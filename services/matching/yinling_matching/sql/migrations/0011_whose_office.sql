-- Which organisation keeps the profile of everybody about whom there are rows, as of a revision of the feed: a replica
-- that is behind changes nothing here, and rows that it writes are of the office that stands here. Who writes such a row,
-- and who moves a person from office to office, holds the row until the commit.
CREATE TABLE people_offices (
    profile_id uuid PRIMARY KEY,
    office text NOT NULL,
    revision bigint NOT NULL
);
INSERT INTO people_offices (profile_id, office, revision)
SELECT DISTINCT ON (profile_id) profile_id, office, 0
FROM (
    SELECT profile_id, office, create_time FROM invitations
    UNION ALL SELECT profile_id, office, create_time FROM opt_ins
    UNION ALL SELECT profile_id, office, create_time FROM engagements
) AS known
ORDER BY profile_id, create_time DESC;
