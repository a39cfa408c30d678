-- Proposals that the evidence has overtaken; what a person proposes, only persons decide.
UPDATE payments_reconciliation_suggestion s SET state = 'lapsed', decided_at = %(now)s
WHERE s.entity_id = %(entity)s AND s.state = 'open' AND s.rule <> 'by_hand'
    AND NOT EXISTS (SELECT FROM recon_idea i WHERE i.key = s.key AND i.cents = s.cents)
