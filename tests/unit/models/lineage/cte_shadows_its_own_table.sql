-- expected: public.projects
WITH projects AS (SELECT * FROM public.projects)
SELECT name FROM projects
