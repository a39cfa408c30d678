-- Credits of pagoPA whose flow is still unknown, with what was read of its name.
SELECT c.id, c.reference_key, c.remittance
FROM recon_credit c
WHERE c.left_cents > 0 AND c.remittance_kind IN ('partial', 'flow')
    AND NOT EXISTS (SELECT FROM recon_flow f WHERE f.iuf_key = c.reference_key)
