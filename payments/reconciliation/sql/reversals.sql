-- A reversal (storno) and the movement it takes back: same document, same amount, the n-th with the n-th.
WITH reversing AS (
    SELECT s.*, row_number() OVER w AS nth
    FROM payments_reconciliation_treasurymovement s
    WHERE s.entity_id = %(entity)s AND s.operation = 'STORNATO'
        AND NOT EXISTS (
            SELECT 1 FROM payments_reconciliation_match r WHERE r.kind = 'reversal' AND r.movement_id = s.id)
    WINDOW w AS (PARTITION BY s.treasurer_code, s.account, s.year, s.direction, s.document_type, s.document_number,
                 s.progressive, abs(s.cents) ORDER BY s.booked_on, s.id)
), done AS (
    SELECT o.*, row_number() OVER w AS nth
    FROM payments_reconciliation_treasurymovement o
    WHERE o.entity_id = %(entity)s AND o.operation = 'ESEGUITO'
        AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = o.id)
    WINDOW w AS (PARTITION BY o.treasurer_code, o.account, o.year, o.direction, o.document_type, o.document_number,
                 o.progressive, abs(o.cents) ORDER BY o.booked_on, o.id)
)
INSERT INTO payments_reconciliation_match
    (entity_id, run_id, kind, rule, confidence, cents, movement_id, reverses_id)
SELECT %(entity)s, %(run)s, 'reversal', %(rule)s, %(confidence)s, abs(s.cents), s.id, o.id
FROM reversing s
JOIN done o
    ON (o.treasurer_code, o.account, o.year, o.direction, o.document_type, o.document_number, o.progressive, o.nth)
     = (s.treasurer_code, s.account, s.year, s.direction, s.document_type, s.document_number, s.progressive, s.nth)
    AND abs(o.cents) = abs(s.cents) AND o.booked_on <= s.booked_on
ON CONFLICT DO NOTHING
