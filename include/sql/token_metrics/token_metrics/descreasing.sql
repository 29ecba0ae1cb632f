/*
description: What token_metrics.decreasing holds, under the name its first readers know.
unique_key: [symbol]
*/
SELECT falling.*  -- noqa: AM04
FROM token_metrics.decreasing AS falling
