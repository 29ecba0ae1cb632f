ALTER TABLE contributions ADD CONSTRAINT contributions_pkey PRIMARY KEY (id);
ALTER TABLE messages ADD CONSTRAINT messages_pkey PRIMARY KEY (message_id);
ALTER TABLE messages ADD CONSTRAINT messages_contribution_fkey
FOREIGN KEY (contribution_id) REFERENCES contributions (id);
ALTER TABLE voting_index_options ADD CONSTRAINT voting_index_options_pkey
PRIMARY KEY (id, chain_id, round_id);
