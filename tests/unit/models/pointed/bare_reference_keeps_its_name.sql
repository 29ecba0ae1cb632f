-- places: public.rounds = build_7.rounds; public."AlphaMatching" = build_7."other name"
SELECT rounds.id, "AlphaMatching".title FROM public.rounds, public."AlphaMatching"
-- expected:
SELECT rounds.id, "AlphaMatching".title FROM build_7.rounds AS rounds, build_7."other name" AS "AlphaMatching"
