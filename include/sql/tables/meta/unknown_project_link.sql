/*
description: Manual links of the latest run of project groups that name a project which no source has.
columns:
  project_id_1: "One side of the link as typed."
  project_id_2: "The other."
  run_id: "Run of the DAG."
*/
CREATE TABLE meta.unknown_project_link (
  project_id_1 text,
  project_id_2 text,
  run_id text NOT NULL
);
