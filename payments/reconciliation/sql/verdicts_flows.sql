-- Flows: squared or waiting, and each fault by itself, so that a flow may have several.
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'flow', s.id, v.code, v.cents, s.regulation_date, s.key, s.facts || jsonb_build_object('cents', v.cents)
FROM recon_state s
JOIN recon_look_flow USING (id)
CROSS JOIN LATERAL (VALUES
    (s.squared, 'reconciled', s.declared_cents),
    (NOT s.squared, 'reported', s.declared_cents),
    (s.mismatch AND s.late, 'flow_totals_mismatch', s.declared_cents),
    (s.missing, 'flow_without_treasury', s.declared_cents),
    (s.different AND s.late, 'treasury_amount_differs', s.credited - s.declared_cents)
) AS v(holds, code, cents)
WHERE v.holds
