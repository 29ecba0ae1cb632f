-- places: public.a = build_1000.a; public.a_very_long_name_of_a_view = b.c
SELECT '💧' AS drop, x.id FROM public.a AS x, public.a_very_long_name_of_a_view AS y, public.a AS z
-- expected:
SELECT '💧' AS drop, x.id FROM build_1000.a AS x, b.c AS y, build_1000.a AS z
