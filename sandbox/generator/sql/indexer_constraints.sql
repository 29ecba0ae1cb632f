-- Set after loading: building an index once is cheaper than growing it row by row.
ALTER TABLE projects ADD CONSTRAINT projects_pkey PRIMARY KEY (id, chain_id);
ALTER TABLE rounds ADD CONSTRAINT rounds_pkey PRIMARY KEY (id, chain_id);
ALTER TABLE rounds ADD CONSTRAINT rounds_projects_fkey
FOREIGN KEY (chain_id, project_id) REFERENCES projects (chain_id, id);
ALTER TABLE round_roles ADD CONSTRAINT round_roles_pkey PRIMARY KEY (chain_id, round_id, address, role);
ALTER TABLE round_roles ADD CONSTRAINT round_roles_rounds_fkey
FOREIGN KEY (chain_id, round_id) REFERENCES rounds (chain_id, id);
ALTER TABLE applications ADD CONSTRAINT applications_pkey PRIMARY KEY (chain_id, round_id, id);
ALTER TABLE applications ADD CONSTRAINT applications_rounds_fkey
FOREIGN KEY (chain_id, round_id) REFERENCES rounds (chain_id, id);
ALTER TABLE applications_payouts ADD CONSTRAINT applications_payouts_pkey PRIMARY KEY (id);
ALTER TABLE applications_payouts ADD CONSTRAINT applications_payouts_applications_fkey
FOREIGN KEY (chain_id, round_id, application_id) REFERENCES applications (chain_id, round_id, id);
ALTER TABLE donations ADD CONSTRAINT donations_pkey PRIMARY KEY (id);
CREATE INDEX idx_donations_chain_round ON donations (chain_id, round_id);
