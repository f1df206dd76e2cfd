-- Who is told of a notice is looked up for each one.
CREATE INDEX accounts_by_profile ON accounts (profile_id) WHERE role = 'retiree';
CREATE INDEX accounts_by_organisation ON accounts (organisation, role) WHERE role <> 'retiree';
