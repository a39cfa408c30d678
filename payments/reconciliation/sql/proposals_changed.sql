-- Approved proposals that hold no longer: the documents ask for less than they say, or leave less of the provisional open.
WITH settled AS (
    SELECT provisional_id, sum(cents) FILTER (WHERE state = 'approved') AS approved,
        coalesce(sum(cents) FILTER (WHERE state = 'exported'), 0) AS exported
    FROM proposal_settled
    GROUP BY provisional_id
), covered AS (
    SELECT id AS provisional_id, sum(cents) AS cents FROM book_regularised GROUP BY id
), short AS (
    SELECT s.provisional_id
    FROM settled s
    LEFT JOIN book_provisional p ON p.id = s.provisional_id
    LEFT JOIN covered c ON c.provisional_id = s.provisional_id
    WHERE s.approved > coalesce(p.cents, 0) - greatest(coalesce(c.cents, 0), s.exported)
)
SELECT DISTINCT s.proposal_id
FROM proposal_settled s
LEFT JOIN short h ON h.provisional_id = s.provisional_id
LEFT JOIN proposal_target t
    ON t.provisional_id = s.provisional_id AND t.assessment_id IS NOT DISTINCT FROM s.assessment_id AND t.cents < 0
WHERE s.state = 'approved' AND (h.provisional_id IS NOT NULL OR t.provisional_id IS NOT NULL)
