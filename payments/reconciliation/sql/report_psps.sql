, term AS (
    -- Until when what was paid on a day may be reported and credited.
    SELECT t.day, t.deadline FROM unnest(%(days)s::date[], %(deadlines)s::date[]) AS t(day, deadline)
), reported AS (
    -- A later revision does not make a flow late.
    SELECT entity_id, psp_id, iuf_key,
        min((coalesce(published_at, created_at) AT TIME ZONE 'Europe/Rome')::date) AS reported_on
    FROM payments_reconciliation_reportingflow
    WHERE entity_id = ANY(%(entities)s)
    GROUP BY entity_id, psp_id, iuf_key
), due AS MATERIALIZED (
    -- The code that receipts have too.
    SELECT f.id, f.node_psp AS psp_id, f.psp_name, f.declared_cents, t.deadline, p.reported_on
    FROM current_flow f
    JOIN (SELECT flow_id, max(paid_on) AS day FROM line GROUP BY flow_id) l ON l.flow_id = f.id
    JOIN term t ON t.day = l.day
    JOIN reported p ON (p.entity_id, p.psp_id, p.iuf_key) = (f.entity_id, f.psp_id, f.iuf_key)
), piece AS (
    -- Money of a flow that came late, and money that has not come: each with its days.
    SELECT d.id, c.cents, c.booked_on - d.deadline AS days, false AS waiting
    FROM due d
    JOIN flow_credit c ON c.flow_id = d.id
    WHERE c.booked_on > d.deadline
    UNION ALL
    SELECT d.id, d.declared_cents - coalesce(sum(c.cents), 0)::bigint, %(today)s - d.deadline, true
    FROM due d
    LEFT JOIN flow_credit c ON c.flow_id = d.id
    WHERE d.deadline < %(today)s
    GROUP BY d.id, d.declared_cents, d.deadline
    HAVING d.declared_cents > coalesce(sum(c.cents), 0)
), fault AS (
    -- A flow counts once, however many late credits it has.
    SELECT d.psp_id, d.psp_name, bool_or(NOT p.waiting)::int AS late_credit, bool_or(p.waiting)::int AS uncredited,
        0 AS late_report, 0 AS unreported, max(p.days) AS days, sum(p.cents) AS late_cents,
        sum(p.cents * p.days) AS cent_days
    FROM due d
    JOIN piece p ON p.id = d.id
    GROUP BY d.id, d.psp_id, d.psp_name
    UNION ALL
    SELECT psp_id, psp_name, 0, 0, 1, 0, reported_on - deadline, 0, 0 FROM due WHERE reported_on > deadline
    UNION ALL
    SELECT r.psp_id, r.psp_name, 0, 0, 0, 1, %(today)s - t.deadline, 0, 0
    FROM paid r
    JOIN term t ON t.day = r.day
    WHERE r.unreported > 0 AND t.deadline < %(today)s
)
SELECT psp_id, coalesce(max(nullif(psp_name, '')), psp_id), sum(late_credit), sum(uncredited), sum(late_report),
    sum(unreported), max(days), sum(late_cents)::bigint, sum(cent_days)::bigint
FROM fault
GROUP BY psp_id
ORDER BY 9 DESC, 7 DESC, 1
