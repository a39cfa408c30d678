-- A reversal (storno) and the movement it takes back: same document, same amount, the n-th with the n-th.
WITH operation AS (
    SELECT m.*, row_number() OVER (
        PARTITION BY m.treasurer_code, m.account, m.year, m.direction, m.document_type, m.document_number,
            m.progressive, abs(m.cents), m.operation
        ORDER BY m.booked_on, m.movement_number COLLATE "C") AS nth
    FROM payments_reconciliation_treasurymovement m
    WHERE m.entity_id = %(entity)s AND m.counts AND m.operation IN ('ESEGUITO', 'STORNATO')
)
INSERT INTO recon_pair (kind, rule, confidence, cents, movement_id, reverses_id)
SELECT 'reversal', %(rule)s, %(confidence)s, abs(s.cents), s.id, o.id
FROM operation s
JOIN operation o
    ON (o.treasurer_code, o.account, o.year, o.direction, o.document_type, o.document_number, o.progressive, o.nth)
     = (s.treasurer_code, s.account, s.year, s.direction, s.document_type, s.document_number, s.progressive, s.nth)
    AND abs(o.cents) = abs(s.cents) AND o.booked_on <= s.booked_on
WHERE s.operation = 'STORNATO' AND o.operation = 'ESEGUITO'
