-- expected: public.project_links
WITH RECURSIVE linked AS (
  SELECT project_id_1, project_id_2 FROM public.project_links
  UNION
  SELECT linked.project_id_1, linked.project_id_2 FROM linked WHERE linked.project_id_1 < linked.project_id_2
)
SELECT project_id_1, project_id_2 FROM linked
