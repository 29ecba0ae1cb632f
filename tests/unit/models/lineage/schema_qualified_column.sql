-- error: :3: public\.rounds\.id: give the table an alias and use that
SELECT
  public.rounds.id
FROM public.rounds
