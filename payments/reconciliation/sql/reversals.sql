-- A reversal (storno) and the movement it takes back: same document, same amount, the n-th with the n-th. What was done
-- in December may be taken back in January: a reversal of a document that its own year does not have is of the year
-- before.
WITH taken_back AS (
    SELECT DISTINCT m.treasurer_code, m.document_type, m.document_number
    FROM payments_reconciliation_treasurymovement m
    WHERE m.entity_id = %(entity)s AND m.counts AND m.operation = 'STORNATO'
), known AS (
    SELECT m.*, bool_or(m.operation = 'ESEGUITO') OVER (
        PARTITION BY m.treasurer_code, m.account, m.year, m.direction, m.document_type, m.document_number,
            m.progressive, abs(m.cents)) AS done_here
    FROM payments_reconciliation_treasurymovement m
    JOIN taken_back USING (treasurer_code, document_type, document_number)
    WHERE m.entity_id = %(entity)s AND m.counts AND m.operation IN ('ESEGUITO', 'STORNATO')
), placed AS (
    SELECT k.*, CASE WHEN k.done_here THEN k.year ELSE k.year - 1 END AS of_year FROM known k
), operation AS (
    SELECT p.*, row_number() OVER (
        PARTITION BY p.treasurer_code, p.account, p.of_year, p.direction, p.document_type, p.document_number,
            p.progressive, abs(p.cents), p.operation
        ORDER BY p.booked_on, p.movement_number COLLATE "C") AS nth
    FROM placed p
)
INSERT INTO recon_pair (kind, rule, confidence, cents, movement_id, reverses_id)
SELECT 'reversal', %(rule)s, %(confidence)s, abs(s.cents), s.id, o.id
FROM operation s
JOIN operation o
    ON (o.treasurer_code, o.account, o.of_year, o.direction, o.document_type, o.document_number, o.progressive, o.nth)
     = (s.treasurer_code, s.account, s.of_year, s.direction, s.document_type, s.document_number, s.progressive, s.nth)
    AND abs(o.cents) = abs(s.cents) AND o.booked_on <= s.booked_on
WHERE s.operation = 'STORNATO' AND o.operation = 'ESEGUITO'
