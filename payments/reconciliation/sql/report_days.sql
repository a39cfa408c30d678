, received AS (
    SELECT flow_id, sum(cents)::bigint AS cents FROM flow_credit GROUP BY flow_id
), covered AS (
    -- The credit of a flow covers its lines one after the other, what it takes back first: to the cent.
    SELECT l.id, l.day, l.cents, l.receipt_id, l.elsewhere,
        least(sum(l.cents) OVER upto, coalesce(c.cents, 0))
            - least(sum(l.cents) OVER upto - l.cents, coalesce(c.cents, 0)) AS credited
    FROM line l
    LEFT JOIN received c ON c.flow_id = l.flow_id
    WINDOW upto AS (PARTITION BY l.flow_id ORDER BY l.cents > 0, l.day, l.seq, l.id)
), receipts AS (
    SELECT day, count(*) AS number, sum(cents) AS cents, sum(unreported) AS unreported, sum(extra) AS extra,
        sum(alone) AS alone
    FROM paid
    GROUP BY day
), lines AS (
    SELECT day, count(*) FILTER (WHERE cents > 0) AS number, sum(cents) AS cents, sum(credited) AS credited,
        sum(cents) FILTER (WHERE cents > 0 AND receipt_id IS NULL) AS unreceipted,
        -sum(cents) FILTER (WHERE cents < 0) AS revoked
    FROM covered
    WHERE NOT elsewhere AND day BETWEEN %(first)s AND %(last)s
    GROUP BY day
)
SELECT coalesce(r.day, l.day), coalesce(r.number, 0), coalesce(r.cents, 0)::bigint, coalesce(l.number, 0),
    coalesce(l.cents, 0)::bigint, (coalesce(l.credited, 0) + coalesce(r.alone, 0))::bigint,
    coalesce(r.unreported, 0)::bigint, (coalesce(r.extra, 0) + coalesce(l.unreceipted, 0))::bigint,
    (coalesce(l.cents, 0) - coalesce(l.credited, 0))::bigint, coalesce(l.revoked, 0)::bigint
FROM receipts r
FULL JOIN lines l ON l.day = r.day
ORDER BY 1
