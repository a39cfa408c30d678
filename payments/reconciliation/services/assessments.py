"""Assessments and allocation rules: from the registry's file to the rows, and the guard of the shares."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.db import connection, transaction

from payments.models import DebtKind
from payments.reconciliation import book_events as events
from payments.reconciliation.domain.allocation import Span, overbooked
from payments.reconciliation.domain.assessment_rows import AssessmentRow
from payments.reconciliation.formats.assessment_csv import RegistryReading, read_registry
from payments.reconciliation.models import AllocationRule, AssessmentFile, RevenueAssessment
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

LOCK = 0x41434345  # "ACCE": the rules of a body change one at a time


@dataclass(frozen=True, slots=True)
class Imported:
    """What a registry brought in."""

    added: int
    changed: int
    rules: int
    closed: int


def assessment_file_receive(*, entity: Entity, name: str, content: bytes, actor: Actor) -> AssessmentFile:
    """Keep a registry, once. Nothing is brought in yet."""
    with transaction.atomic():
        file, created = AssessmentFile.objects.get_or_create(
            entity=entity,
            sha256=sha256(content).hexdigest(),
            defaults={
                "name": name[-120:] or "senza nome",
                "content": content,
                "received_at": clock.now(),
                "received_by_id": actor.user_id,
            },
        )
        if created:
            events.assessment_file_received(file, actor=actor)
    return file


def examine(file: AssessmentFile) -> RegistryReading:
    """Read a kept registry against what is there now; nothing is written."""
    codes = DebtKind.objects.filter(entity_id=file.entity_id).values_list("code", flat=True)
    reading = read_registry(bytes(file.content), kinds=frozenset(codes))
    _check_shares(file.entity_id, reading)
    reading.errors.sort(key=lambda error: error.line)
    return reading


@transaction.atomic
def assessment_file_import(*, file_id: int, actor: Actor) -> Imported:
    """Bring in a whole registry, or nothing. Raises DomainError when it has errors or was brought in already."""
    file = AssessmentFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.imported_at is not None:
        raise DomainError("imported", "Questo file è già stato importato.")
    rules_lock(file.entity_id)
    reading = examine(file)
    if reading.errors_count:
        raise DomainError("file_errors", "Il file ha degli errori: correggilo e caricalo di nuovo.")
    done = _write(file, reading, actor)
    file.imported_at, file.imported_rows = clock.now(), len(reading.rows)
    file.save(update_fields=["imported_at", "imported_rows"])
    events.assessment_file_imported(file, actor=actor)
    return done


def rule_check(rule: AllocationRule) -> None:
    """Raises DomainError when with this rule the shares of its kind of debt exceed the whole on some day. Call it in
    the transaction that writes the rule, after `rules_lock`.
    """
    others = AllocationRule.objects.filter(entity_id=rule.entity_id, debt_kind=rule.debt_kind).exclude(pk=rule.pk)
    day = overbooked([*(_span(other) for other in others), _span(rule)])
    if day is not None:
        raise DomainError("shares", _too_much(rule.debt_kind, day))


def rules_lock(entity_id: int) -> None:
    """Whoever changes the rules of this body waits here until the transaction ends."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, entity_id])


def _check_shares(entity_id: int, reading: RegistryReading) -> None:
    """Rules of the file beside those that stay: a kind of debt is never given away twice."""
    spans: dict[str, dict[tuple[int, str, date], Span]] = defaultdict(dict)
    known = AllocationRule.objects.filter(entity_id=entity_id).select_related("assessment")
    for rule in known:
        key = (rule.assessment.year, rule.assessment.number) if rule.assessment else (0, rule.chapter)
        spans[rule.debt_kind][(*key, rule.valid_from)] = _span(rule)
    lines: dict[str, int] = {}
    for line, row in reading.rows:
        lines.setdefault(row.kind, line)
        if row.active:
            spans[row.kind][(*row.key, row.first)] = Span(row.permille, row.first, row.last)
        else:
            spans[row.kind].pop((*row.key, row.first), None)
    for kind, line in lines.items():
        day = overbooked(spans[kind].values())
        if day is not None:
            reading.refuse(line, [("kind", _too_much(kind, day))])


def _too_much(kind: str, day: date) -> str:
    return f"Il {day:%d/%m/%Y} le quote del tipo di dovuto {kind} superano 1000 per mille."


def _span(rule: AllocationRule) -> Span:
    return Span(rule.permille, rule.valid_from, rule.valid_until)


def _write(file: AssessmentFile, reading: RegistryReading, actor: Actor) -> Imported:
    added = changed = closed = 0
    rows = {row.key: row for _line, row in reading.rows}
    found: dict[tuple[int, str], RevenueAssessment] = {}
    for key, row in rows.items():
        values = {
            "office": row.office,
            "chapter": row.chapter,
            "siope": row.siope,
            "description": row.description,
            "final": row.final,
            "cents": row.cents,
            "source": file.name,
        }
        found[key], created = RevenueAssessment.objects.update_or_create(
            entity_id=file.entity_id, year=row.year, number=row.number, defaults=values
        )
        added, changed = added + created, changed + (not created)
    active = [row for _line, row in reading.rows if row.active]
    for row in active:
        _rule(file, row, found[row.key], actor)
    for _line, row in reading.rows:
        closed += 0 if row.active else _end(row, found[row.key])
    return Imported(added, changed, len(active), closed)


def _rule(file: AssessmentFile, row: AssessmentRow, assessment: RevenueAssessment, actor: Actor) -> None:
    AllocationRule.objects.update_or_create(
        entity_id=file.entity_id,
        debt_kind=row.kind,
        assessment=assessment,
        chapter="",
        valid_from=row.first,
        defaults={
            "permille": row.permille,
            "valid_until": row.last,
            "source": file.name,
            "confirmed_by": actor.label[:100],
        },
    )


def _end(row: AssessmentRow, assessment: RevenueAssessment) -> int:
    """A link that is no longer active ends yesterday; one that never began goes away."""
    yesterday = min(clock.today() - timedelta(days=1), row.last)
    rules = AllocationRule.objects.filter(entity_id=assessment.entity_id, assessment=assessment, debt_kind=row.kind)
    begun = rules.filter(valid_from__lte=yesterday)
    return begun.update(valid_until=yesterday) + rules.filter(valid_from__gt=yesterday).delete()[0]
