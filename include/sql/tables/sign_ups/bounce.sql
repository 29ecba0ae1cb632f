/*
description: Mails that came back, and complaints, as Postmark's webhook told. No address is kept here.
*/
CREATE TABLE sign_ups.bounce (
  bounce_id bigint PRIMARY KEY,
  message_id text NOT NULL,
  kind text NOT NULL,
  is_inactive boolean NOT NULL,
  bounced_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
