-- The current flows that are looked at, whose lines are, or whose money is not all in order; with the money that reached
-- the treasury for each, and what is wrong with it, if anything.
DROP TABLE IF EXISTS pg_temp.recon_state, pg_temp.recon_wanted;
CREATE TEMP TABLE recon_state ON COMMIT DROP AS
WITH flow AS (
    SELECT f.*
    FROM recon_flow f
    WHERE f.id IN (
        SELECT id FROM recon_look_flow
        UNION
        SELECT flow_id FROM recon_line
        UNION
        SELECT v.flow_id
        FROM payments_reconciliation_verdict v
        WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL AND v.subject = 'flow' AND v.code = 'reported')
), given AS (
    SELECT p.flow_id, p.movement_id, p.cents FROM recon_pair p WHERE p.kind = 'flow_movement'
    UNION ALL
    SELECT l.flow_id, p.movement_id, p.cents
    FROM recon_pair p
    JOIN payments_reconciliation_flowline l ON l.id = p.line_id
    WHERE p.kind = 'single_movement'
), credited AS (
    SELECT g.flow_id, sum(g.cents)::bigint AS cents,
        string_agg(c.name, ', ' ORDER BY c.booked_on, c.name COLLATE "C") AS credits
    FROM given g
    JOIN recon_credit c ON c.id = g.movement_id
    GROUP BY g.flow_id
), judged AS (
    SELECT f.*, coalesce(c.cents, 0) AS credited, coalesce(c.credits, '') AS credits,
        (f.declared_count, f.declared_cents) <> (f.computed_count, f.computed_cents) AS mismatch,
        c.flow_id IS NULL AND f.declared_cents <> 0 AS uncredited,
        -- A day too far ahead is a mistake, and nothing is waited for.
        f.regulation_date <= %(late)s OR f.regulation_date > %(beyond)s AS late,
        c.flow_id IS NOT NULL AND c.cents <> f.declared_cents AS different
    FROM flow f
    LEFT JOIN credited c ON c.flow_id = f.id
)
SELECT j.id, j.psp, j.iuf, j.psp_id || '|' || j.iuf_key || '|' || j.revision AS key, j.regulation_date, j.declared_cents,
    j.credited, j.credits, j.mismatch, j.uncredited AND j.late AS missing, j.different,
    j.late, NOT (j.mismatch OR j.uncredited OR j.different) AS squared,
    jsonb_build_object('iuf', j.iuf, 'psp', j.psp, 'regulation_date', j.regulation_date,
        'declared', j.declared_cents, 'declared_count', j.declared_count, 'computed', j.computed_cents,
        'computed_count', j.computed_count, 'credited', j.credited, 'credits', j.credits,
        'trouble', CASE WHEN NOT j.late THEN ''
            WHEN j.mismatch THEN 'flow_totals_mismatch'
            WHEN j.uncredited THEN 'flow_without_treasury'
            WHEN j.different THEN 'treasury_amount_differs' ELSE '' END) AS facts
FROM judged j;
CREATE INDEX ON recon_state (id);
ANALYZE recon_state;

-- The verdicts that the evidence asks for.
CREATE TEMP TABLE recon_wanted (
    subject text NOT NULL, sid bigint NOT NULL, code text NOT NULL, cents bigint NOT NULL, since date NOT NULL,
    key text NOT NULL, facts jsonb NOT NULL
) ON COMMIT DROP
