/*
description: Projects that are one and the same although their data does not say so, kept by hand in a sheet.
columns:
  project_id_1: "One project."
  project_id_2: "The one that is the same."
*/
CREATE TABLE public.manual_project_links (
  project_id_1 text,
  project_id_2 text
);
