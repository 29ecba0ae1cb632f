-- expected: public."cgrantsGrants", public."AlphaMatching", "Old Data"."say ""hi"""
SELECT 1
FROM public."cgrantsGrants" AS g, "public"."AlphaMatching" AS m, "Old Data"."say ""hi""" AS h
