-- Administrators list everything, page by page.
CREATE INDEX invitations_by_time ON invitations (create_time DESC, id DESC);
CREATE INDEX opt_ins_by_time ON opt_ins (create_time DESC, id DESC);
CREATE INDEX engagements_by_time ON engagements (create_time DESC, id DESC);
CREATE INDEX mentoring_sessions_by_time ON mentoring_sessions (start_time DESC, id DESC);
