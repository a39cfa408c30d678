"""The passes of matching: each one a single SQL statement over the whole of a body's evidence.

Parameters of every statement: %(entity)s and %(run)s. A pass adds only what is not there yet, so running them again
adds nothing. A reference shared by flows of two PSPs is a doubt, and a doubt matches nothing.
"""

from dataclasses import dataclass

from payments.reconciliation.domain.rules import MatchRule

_INSERT = """
INSERT INTO payments_reconciliation_match
    (entity_id, run_id, kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id)
"""

# Cash that came in and was not taken back.
_CREDIT = """
    m.entity_id = %(entity)s AND m.direction = 'ENTRATA' AND m.operation = 'ESEGUITO'
    AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = m.id)
"""

_REVERSALS = (
    """
WITH reversing AS (
    SELECT s.*, row_number() OVER w AS nth FROM payments_reconciliation_treasurymovement s
    WHERE s.entity_id = %(entity)s AND s.operation = 'STORNATO' AND NOT EXISTS (
        SELECT 1 FROM payments_reconciliation_match r WHERE r.kind = 'reversal' AND r.movement_id = s.id)
    WINDOW w AS (PARTITION BY s.treasurer_code, s.account, s.year, s.direction, s.document_type, s.document_number,
                 s.progressive, abs(s.cents) ORDER BY s.booked_on, s.id)
), done AS (
    SELECT o.*, row_number() OVER w AS nth FROM payments_reconciliation_treasurymovement o
    WHERE o.entity_id = %(entity)s AND o.operation = 'ESEGUITO' AND NOT EXISTS (
        SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = o.id)
    WINDOW w AS (PARTITION BY o.treasurer_code, o.account, o.year, o.direction, o.document_type, o.document_number,
                 o.progressive, abs(o.cents) ORDER BY o.booked_on, o.id)
)
"""
    + _INSERT
    + """
SELECT %(entity)s, %(run)s, 'reversal', 'reversal', 'exact', abs(s.cents), NULL, s.id, o.id, NULL, NULL
FROM reversing s JOIN done o
    ON (o.treasurer_code, o.account, o.year, o.direction, o.document_type, o.document_number, o.progressive, o.nth)
     = (s.treasurer_code, s.account, s.year, s.direction, s.document_type, s.document_number, s.progressive, s.nth)
    AND abs(o.cents) = abs(s.cents) AND o.booked_on <= s.booked_on
ON CONFLICT DO NOTHING
"""
)


def _by_reference(rule: MatchRule, confidence: str) -> str:
    """Flows whose identifier stands in the text, case set aside."""
    return (
        _INSERT
        + f"""
SELECT %(entity)s, %(run)s, 'flow_movement', '{rule}', '{confidence}', m.cents, f.id, m.id, NULL, NULL, NULL
FROM payments_reconciliation_treasurymovement m
JOIN payments_reconciliation_reportingflow f ON f.entity_id = m.entity_id AND f.iuf_key = m.reference_key
WHERE {_CREDIT} AND m.remittance_kind = 'flow' AND m.remittance_confidence = '{confidence}'
    AND NOT EXISTS (
        SELECT 1 FROM payments_reconciliation_reportingflow g
        WHERE g.entity_id = f.entity_id AND g.iuf_key = f.iuf_key AND g.psp_id <> f.psp_id)
ON CONFLICT DO NOTHING
"""
    )


_REGULATION_IDS = (
    f"""
WITH credit AS (
    SELECT m.id, m.cents, m.reference_key, upper(t.reference) AS regulation
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL (VALUES (m.operation_reference), (m.end_to_end)) AS t(reference)
    WHERE {_CREDIT} AND length(t.reference) >= 8 AND upper(t.reference) <> 'NOTPROVIDED'
), flow AS (
    SELECT f.id, f.psp_id, f.iuf_key, upper(f.regulation_id) AS regulation
    FROM payments_reconciliation_reportingflow f WHERE f.entity_id = %(entity)s
), pair AS (
    -- A text that names another flow contradicts the reference: that is for a person to settle.
    SELECT DISTINCT c.id AS movement_id, c.cents, f.id AS flow_id, f.regulation
    FROM credit c JOIN flow f ON f.regulation = c.regulation
    WHERE c.reference_key IN ('', f.iuf_key)
        AND NOT EXISTS (
            SELECT 1 FROM flow g
            WHERE g.regulation = f.regulation AND (g.psp_id, g.iuf_key) <> (f.psp_id, f.iuf_key))
)
"""
    + _INSERT
    + """
SELECT %(entity)s, %(run)s, 'flow_movement', 'regulation_id', 'exact', p.cents, p.flow_id, p.movement_id, NULL, NULL,
    NULL
FROM pair p
WHERE (SELECT count(DISTINCT q.movement_id) FROM pair q WHERE q.regulation = p.regulation) = 1
ON CONFLICT DO NOTHING
"""
)

_LINES = (
    _INSERT
    + """
SELECT %(entity)s, %(run)s, 'line_receipt', 'iuv_and_iur', 'exact', l.cents, NULL, NULL, NULL, l.id, r.id
FROM payments_reconciliation_flowline l
JOIN LATERAL (
    SELECT r.id FROM payments_receipt r
    WHERE r.entity_id = l.entity_id AND r.iuv = l.iuv AND r.receipt_id = l.iur
    ORDER BY r.id LIMIT 1
) r ON true
WHERE l.entity_id = %(entity)s
    AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match x WHERE x.line_id = l.id)
ON CONFLICT DO NOTHING
"""
)


@dataclass(frozen=True, slots=True)
class Pass:
    """A named rule and the statement that applies it."""

    rule: MatchRule
    sql: str


PASSES = (
    Pass(MatchRule.REVERSAL, _REVERSALS),
    Pass(MatchRule.IUF_EXACT, _by_reference(MatchRule.IUF_EXACT, "exact")),
    Pass(MatchRule.REGULATION_ID, _REGULATION_IDS),
    Pass(MatchRule.IUF_HEALED, _by_reference(MatchRule.IUF_HEALED, "healed")),
    Pass(MatchRule.IUV_AND_IUR, _LINES),
)
