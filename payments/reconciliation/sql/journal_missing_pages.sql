-- Journals that did not come whole: some pages are missing, or one was cut. Nothing is missing of a day that came whole
-- in another document.
WITH page AS (
    SELECT j.*, regexp_replace(j.journal_id, '#[0-9]{3}#[0-9]{3}$', '') AS document
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.entity_id = ANY(%(entities)s)
), document AS (
    SELECT entity_id, treasurer_code, year, day_from, day_to, document, (array_agg(id ORDER BY page, id))[1] AS id,
        least(greatest(max(pages), 1), 999) AS pages,
        coalesce(array_agg(DISTINCT page) FILTER (WHERE whole), '{}') AS present
    FROM page
    GROUP BY entity_id, treasurer_code, year, day_from, day_to, document
), judged AS (
    SELECT *, cardinality(present) >= pages AS complete FROM document
)
SELECT d.entity_id, e.name, d.document, d.day_to, d.pages, ARRAY(
        SELECT n FROM generate_series(1, d.pages) n WHERE n <> ALL(d.present) ORDER BY n) AS missing
FROM judged d
JOIN portal_entities_entity e ON e.id = d.entity_id
WHERE NOT d.complete AND NOT EXISTS (
    SELECT FROM judged o
    WHERE o.complete AND (o.entity_id, o.treasurer_code, o.year, o.day_from, o.day_to)
        = (d.entity_id, d.treasurer_code, d.year, d.day_from, d.day_to))
ORDER BY d.day_to DESC, e.name, d.document
