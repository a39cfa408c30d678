-- Proposals that the evidence has overtaken.
UPDATE payments_reconciliation_suggestion s SET state = 'lapsed', decided_at = %(now)s
WHERE s.entity_id = %(entity)s AND s.state = 'open'
    AND NOT EXISTS (SELECT FROM recon_idea i WHERE i.key = s.key AND i.cents = s.cents)
