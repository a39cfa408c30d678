-- Provisionals of a list that the treasurer's journal names too: from here on only those of the journal count.
UPDATE payments_reconciliation_treasurymovement l
SET counts = false
FROM unnest(%(years)s::int[], %(numbers)s::text[]) k(year, number)
JOIN payments_reconciliation_treasurymovement j
    ON j.year = k.year AND j.document_number = k.number AND j.document_type = 'SOSPESO ENTRATA' AND j.source = 'journal'
WHERE j.entity_id = %(entity)s AND l.entity_id = j.entity_id AND l.source = 'provisionals' AND l.counts
    AND (l.year, l.document_number, l.document_type, l.operation)
      = (j.year, j.document_number, j.document_type, j.operation)
RETURNING l.id, j.id
