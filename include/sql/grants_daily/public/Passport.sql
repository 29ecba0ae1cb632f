/*
description: Stamp score of each wallet, from the community that scored it last.
unique_key: [userAddress]
columns:
  userAddress: "Wallet, lower case."
  score: "Sum of the stamps' weights; where the line has no evidence, the score as given."
  scoreTimestamp: "When the score was computed, seconds since 1970."
  updatedAt: "The same; the file knows no other time of change."
  stamps: "Score per stamp, where the file gives them."
  community: "Community of the registry whose score this is."
  status: "State of the computation, such as DONE."
checks:
  - min_rows: 1
    not_null: [userAddress, score, scoreTimestamp]
    matches: {userAddress: "^0x[0-9a-f]{40}$"}
    range: {score: {min: 0}}
  - {severity: ask, max_fall_pct: 10}
*/
SELECT DISTINCT ON (line.address)
  line.address AS "userAddress",
  line.stamps,
  line.community,
  line.status,
  coalesce(line.raw_score, line.score) AS score,
  floor(extract(EPOCH FROM line.last_score_timestamp))::bigint AS "scoreTimestamp",
  floor(extract(EPOCH FROM line.last_score_timestamp))::bigint AS "updatedAt"
FROM landing.passport_stamps AS line
ORDER BY line.address ASC, line.last_score_timestamp DESC, line.id DESC
