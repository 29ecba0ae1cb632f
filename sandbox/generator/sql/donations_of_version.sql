-- What another schema version has of the complete one: chains up to their heads, or every n-th row of them.
INSERT INTO donations
SELECT donation.*
FROM {complete}.donations AS donation
INNER JOIN version_heads ON donation.chain_id = version_heads.chain_id
WHERE donation.timestamp <= version_heads.head
  AND hashtextextended(donation.id, 86) & 1023 < {kept_of_1024}
