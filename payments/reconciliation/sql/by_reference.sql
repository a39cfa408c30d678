-- Credits whose text names a flow, case set aside. The same name under two PSPs is a doubt: it matches nothing.
INSERT INTO recon_pair (kind, rule, confidence, cents, flow_id, movement_id)
SELECT 'flow_movement', %(rule)s, %(confidence)s, c.left_cents, f.id, c.id
FROM recon_credit c
JOIN recon_flow f ON f.iuf_key = c.reference_key
WHERE c.remittance_kind = 'flow' AND c.remittance_confidence = %(confidence)s AND c.left_cents > 0
    AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id AND (NOT p.by_person OR p.flow_id = f.id))
    AND NOT EXISTS (SELECT FROM recon_flow g WHERE g.iuf_key = f.iuf_key AND g.psp_id <> f.psp_id)
    AND NOT EXISTS (
        SELECT FROM recon_refused r WHERE (r.movement_id, r.psp_id, r.iuf_key) = (c.id, f.psp_id, f.iuf_key))
