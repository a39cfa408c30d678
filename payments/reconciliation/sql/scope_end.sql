-- A payment is a second one beside those of the same debt: all its notices come along.
INSERT INTO recon_scope
SELECT DISTINCT other.iuv
FROM recon_scope s
JOIN payments_instalment i ON i.entity_id = %(entity)s AND i.iuv = s.iuv
JOIN payments_paymentoption o ON o.id = i.option_id
JOIN payments_paymentoption sibling ON sibling.position_id = o.position_id
JOIN payments_instalment other ON other.option_id = sibling.id
WHERE other.id <> i.id
ON CONFLICT DO NOTHING;
ANALYZE recon_scope
