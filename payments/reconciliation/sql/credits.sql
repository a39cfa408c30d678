-- Credits that stand: not taken back, and not the collection orders that only cover provisionals already counted.
-- What is left of each is what persons have not yet given to a flow.
CREATE TEMP TABLE recon_credit ON COMMIT DROP AS
SELECT m.id, m.cents, m.cents - coalesce(g.cents, 0) AS left_cents, m.document_number || '/' || m.year AS name,
    m.reference_key, m.remittance_reference, m.remittance, m.remittance_kind, m.remittance_confidence,
    m.operation_reference, m.end_to_end, m.booked_on, m.treasurer_code, m.year, m.document_number,
    concat_ws('|', m.treasurer_code, m.account, m.year, m.document_type, m.document_number, m.progressive,
        m.operation, m.movement_number) AS key
FROM payments_reconciliation_treasurymovement m
LEFT JOIN (
    SELECT movement_id, sum(cents)::bigint AS cents FROM recon_pair WHERE by_person GROUP BY movement_id
) g ON g.movement_id = m.id
WHERE m.entity_id = %(entity)s AND m.counts AND m.direction = 'ENTRATA' AND m.operation = 'ESEGUITO' AND m.cents > 0
    AND m.document_type NOT IN ('REVERSALE', 'FONDO DI CASSA', 'DEFICIT DI CASSA', 'ANTICIPAZIONE')
    AND NOT EXISTS (SELECT FROM recon_pair r WHERE r.reverses_id = m.id);
CREATE INDEX ON recon_credit (id);
ANALYZE recon_credit
