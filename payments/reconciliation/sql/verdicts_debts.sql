-- What a payment means for the debt it pays: said once a payment, on its first line or else on its receipt.
WITH late AS (
    -- After the day of an option that ends with it, what is owed is the other option.
    SELECT p.instalment_id, p.iur, min(coalesce(d.cents, i.amount_cents)) AS cents
    FROM recon_payment p
    JOIN payments_paymentoption o ON o.position_id = p.position_id AND o.id <> p.option_id AND o.kind = 'single'
    JOIN payments_instalment i ON i.option_id = o.id
    LEFT JOIN LATERAL (
        SELECT d.cents FROM payments_datedamount d
        WHERE d.instalment_id = i.id AND d.valid_from <= p.paid_on ORDER BY d.valid_from DESC LIMIT 1
    ) d ON true
    WHERE p.refused_after_due AND p.paid_on > p.due_on
        AND NOT (o.refused_after_due AND coalesce(p.paid_on > i.due_on, false))
    GROUP BY p.instalment_id, p.iur
), judged AS (
    SELECT p.*, greatest(coalesce(d.cents, p.printed_cents), l.cents) + p.fee_cents AS due_cents,
        p.stands AND p.nth > 1 AND NOT p.twin AS again,
        p.stands AND p.nth = 1 AND (m.id IS NOT NULL OR p.option_id <> p.used_option_id) AS on_act,
        m.id IS NOT NULL AS marked, coalesce(m.first_on, p.used_on) AS act_on,
        coalesce(m.first_iuv, p.used_iuv) AS act_iuv,
        -- Who leaves a plan half paid and pays the whole has not paid too much by all of it.
        CASE WHEN m.id IS NULL AND p.kind = 'single' AND p.used_kind = 'plan' AND p.option_id <> p.used_option_id
            THEN (SELECT sum(i.amount_cents)::bigint FROM payments_instalment i WHERE i.option_id = p.used_option_id)
        END AS plan_cents,
        CASE WHEN p.paid_at IS NULL THEN p.paid_on > p.cancelled_on ELSE p.paid_at > p.cancelled_at END AS cancelled
    FROM recon_payment p
    LEFT JOIN LATERAL (
        SELECT d.cents FROM payments_datedamount d
        WHERE d.instalment_id = p.instalment_id AND d.valid_from <= p.paid_on
        ORDER BY d.valid_from DESC LIMIT 1
    ) d ON true
    LEFT JOIN late l ON (l.instalment_id, l.iur) = (p.instalment_id, p.iur)
    -- What a person has called a double payment.
    LEFT JOIN payments_reconciliation_duplicatemark m
        ON m.entity_id = %(entity)s AND m.live AND (m.iuv, m.iur) = (p.iuv, p.iur)
), said AS MATERIALIZED (
    SELECT j.*, v.code, v.cents AS said_cents
    FROM (
        -- Nearly all payments are in order: nothing is asked of them.
        SELECT * FROM judged
        WHERE instalment_id IS NULL OR again OR on_act OR cancelled OR amount_cents < due_cents
    ) j
    CROSS JOIN LATERAL (VALUES
        (j.instalment_id IS NULL, 'no_position', j.cents),
        (j.again, 'duplicate_payment', j.cents - j.revoked_cents),
        (j.on_act, 'duplicate_on_act', j.cents - j.revoked_cents),
        (j.stands AND NOT j.again AND NOT coalesce(j.on_act, false) AND j.amount_cents < j.due_cents,
            'paid_less_than_due', j.due_cents - j.amount_cents),
        (j.cancelled, 'paid_after_cancel', j.cents)
    ) AS v(holds, code, cents)
    WHERE v.holds
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT CASE WHEN j.line_id IS NULL THEN 'receipt' ELSE 'line' END, coalesce(j.line_id, j.receipt_id), j.code,
    j.said_cents, j.paid_on,
    CASE WHEN j.line_id IS NULL THEN r.nav || '|' || r.iur
        ELSE concat_ws('|', f.key, l.seq, l.iuv, l.iur, l.transfer) END,
    jsonb_build_object('iuv', j.iuv, 'iur', j.iur, 'iuf', coalesce(f.iuf, ''), 'paid_on', j.paid_on,
        'cents', j.said_cents)
    || CASE j.code
        WHEN 'duplicate_payment' THEN jsonb_build_object('first_on', j.first_on, 'first_iur', j.first_iur)
        WHEN 'duplicate_on_act' THEN jsonb_build_object('first_on', j.act_on, 'first_iuv', j.act_iuv)
            || CASE WHEN j.marked THEN '{"by_person": true}'::jsonb ELSE '{}' END
            || CASE WHEN j.before_cents < j.plan_cents THEN jsonb_build_object('before', j.before_cents) ELSE '{}' END
        WHEN 'paid_less_than_due' THEN jsonb_build_object('due', j.due_cents, 'paid', j.amount_cents)
        WHEN 'paid_after_cancel' THEN jsonb_build_object('cancelled_on', j.cancelled_on)
        ELSE '{}' END
FROM said j
LEFT JOIN recon_receipt r ON r.id = j.receipt_id
LEFT JOIN recon_line l ON l.id = j.line_id
LEFT JOIN recon_state f ON f.id = l.flow_id
