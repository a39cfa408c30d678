SELECT outcome, count(*) AS receipts, sum(expected_cents)::bigint AS cents
FROM judged
GROUP BY outcome
