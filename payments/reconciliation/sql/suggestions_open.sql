-- New proposals; what a person has discarded is not proposed again.
INSERT INTO payments_reconciliation_suggestion
    (entity_id, key, flows, movements, rule, cents, state, proposed_at, reason)
SELECT %(entity)s, i.key, i.flows, i.movements, i.rule, i.cents, 'open', %(now)s, ''
FROM recon_idea i
WHERE NOT EXISTS (
    SELECT FROM payments_reconciliation_suggestion s
    WHERE s.entity_id = %(entity)s AND s.key = i.key AND s.state IN ('open', 'discarded'))
