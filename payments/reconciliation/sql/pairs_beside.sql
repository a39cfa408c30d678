-- The pairs that the rules want beside those that stand: what later evidence denies, and what is new. What persons made
-- is left as it is.
ANALYZE recon_pair;
CREATE TEMP TABLE recon_gone ON COMMIT DROP AS
WITH denied AS (
    SELECT kind, rule, cents, flow_id, movement_id, reverses_id, line_id, receipt_id FROM recon_had
    EXCEPT
    SELECT kind, rule, cents, flow_id, movement_id, reverses_id, line_id, receipt_id FROM recon_pair WHERE NOT by_person
)
SELECT h.*
FROM recon_had h
JOIN denied d ON d.movement_id = h.movement_id AND (d.kind, d.rule, d.cents) = (h.kind, h.rule, h.cents)
    AND (d.flow_id, d.reverses_id, d.line_id, d.receipt_id)
        IS NOT DISTINCT FROM (h.flow_id, h.reverses_id, h.line_id, h.receipt_id);
CREATE TEMP TABLE recon_made ON COMMIT DROP AS
SELECT kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id
FROM recon_pair
WHERE NOT by_person
EXCEPT
SELECT kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id FROM recon_had;
ANALYZE recon_gone, recon_made
