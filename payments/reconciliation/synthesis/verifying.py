"""The verdicts of the last run beside the truth: what was missed, what was invented, and whether money adds up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q
from django_scopes import scope

from payments.models import Receipt
from payments.reconciliation.domain.outcomes import PROBLEMS
from payments.reconciliation.models import EvidenceFile, Verdict
from payments.reconciliation.synthesis import layout
from portal.entities.models import Entity

Row = dict[str, Any]
# The parts of the natural key of each kind of document, in the order in which a verdict writes them.
KEYS = {
    "line": ("psp", "iuf", "revision", "seq", "iuv", "iur", "transfer"),
    "receipt": ("nav", "receipt_id"),
    "flow": ("psp", "iuf", "revision"),
    "movement": ("treasurer", "account", "year", "type", "number", "progressive", "operation", "movement"),
    "journal": ("treasurer", "journal", "page"),
}
# A journal of which pages are missing is known by all its pages.
KEYS_OF_CODES = {"journal_incomplete": ("treasurer", "journal", "day")}
_MONEY = files(__package__).joinpath("money.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict, or what should be one, without its cents."""

    entity: str
    code: str
    subject: str
    key: str


@dataclass(slots=True)
class Score:
    """How the verdicts of a code compare with the truth."""

    code: str
    expected: int = 0
    found: int = 0
    right: int = 0
    other_cents: int = 0

    @property
    def recall(self) -> float:
        """How many of those planted were found, per cent."""
        return 100 * self.right / self.expected if self.expected else 100.0

    @property
    def precision(self) -> float:
        """How many of those found were planted, per cent."""
        return 100 * self.right / self.found if self.found else 100.0

    @property
    def perfect(self) -> bool:
        """Whether nothing was missed, invented or given another amount."""
        return self.expected == self.found == self.right and not self.other_cents


@dataclass(slots=True)
class Verification:
    """Everything that `reconcile_verify` says."""

    scores: list[Score]
    missed: list[Found]
    invented: list[Found]
    money: list[str] = field(default_factory=list)

    @property
    def perfect(self) -> bool:
        """Whether the verdicts are the truth, to the cent."""
        return not self.money and all(score.perfect for score in self.scores)


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of a body that came from the folder, by key: the body may have others, which are not judged."""

    entity: Entity
    evidence: list[int]
    receipts: list[int]


def papers_of(folder: Path, fiscal_code: str) -> Papers:
    """The documents of a folder as they are in the database. Raises Entity.DoesNotExist."""
    entity = Entity.objects.get(fiscal_code=fiscal_code)
    prints = [sha256(path.read_bytes()).hexdigest() for path in layout.evidence(folder, fiscal_code)]
    known = {(row["nav"], row["receipt_id"]) for row in layout.rows(folder / fiscal_code / layout.RECEIPTS)}
    with scope(entity=entity):
        evidence = EvidenceFile.objects.filter(sha256__in=prints).values_list("pk", flat=True)
        receipts = Receipt.objects.values_list("pk", "nav", "receipt_id")
        return Papers(entity, list(evidence), [pk for pk, *key in receipts.iterator() if tuple(key) in known])


def verify(truth: Row, folder: Path) -> Verification:
    """Compare the verdicts that stand on the documents of a folder with its truth.

    Raises OSError, KeyError and Entity.DoesNotExist when the folder or the truth have not their shape.
    """
    planted = {_planted(row): row.get("cents") for row in truth["problems"]}
    sums = truth.get("money", {})
    bodies = sorted({row["entity"] for row in truth["problems"]} | set(sums))
    codes = {row["code"] for row in truth["problems"]} | {code.value for code in PROBLEMS}
    papers = [papers_of(folder, body) for body in bodies]
    standing = {found: cents for each in papers for found, cents in _standing(each, codes)}
    scores = [_score(code, planted, standing) for code in sorted(codes)]
    return Verification(
        scores=[score for score in scores if score.expected or score.found],
        missed=[each for each in planted if each not in standing],
        invented=[each for each in standing if each not in planted],
        money=[line for each in papers for line in _differences(each, sums.get(each.entity.fiscal_code, {}))],
    )


def _planted(row: Row) -> Found:
    names = KEYS_OF_CODES.get(row["code"]) or KEYS[row["subject"]]
    key = "|".join(str(row["key"][name]) for name in names)
    return Found(row["entity"], row["code"], row["subject"], key)


def _standing(papers: Papers, codes: Iterable[str]) -> Iterable[tuple[Found, int]]:
    evidence = papers.evidence
    ours = (
        Q(receipt__in=papers.receipts)
        | Q(line__flow__evidence__in=evidence)
        | Q(flow__evidence__in=evidence)
        | Q(movement__journal__evidence__in=evidence)
        | Q(journal__evidence__in=evidence)
    )
    with scope(entity=papers.entity):
        rows = Verdict.objects.filter(ours, closed_run=None, code__in=codes)
        for code, subject, key, cents in rows.values_list("code", "subject", "key", "cents"):
            yield Found(papers.entity.fiscal_code, code, subject, key), cents


def _score(code: str, planted: dict[Found, int | None], standing: dict[Found, int]) -> Score:
    expected = {each for each in planted if each.code == code}
    found = {each for each in standing if each.code == code}
    right = expected & found
    other = sum(planted[each] not in (None, standing[each]) for each in right)
    return Score(code, len(expected), len(found), len(right), other)


def money(papers: Papers) -> dict[str, int]:
    """The sums of the documents, in cents: see money.sql."""
    known: dict[str, Any] = {"entity": papers.entity.pk, "evidence": papers.evidence, "receipts": papers.receipts}
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, known)
        (row,) = cursor.fetchall()
        return dict(zip([column.name for column in cursor.description or ()], row, strict=True))


def _differences(papers: Papers, expected: dict[str, int]) -> Iterable[str]:
    """What does not add up, or is not what the truth says, in words."""
    found, fiscal_code = money(papers), papers.entity.fiscal_code
    for name, cents in expected.items():
        if found.get(name) != cents:
            yield f"{fiscal_code}: {name} è {found.get(name)}, la verità dice {cents}"
    reported = found["receipts"] - found["waiting"] - found["singly_credited"]
    if reported + found["lines_without_receipt"] + found["differences"] + found["revoked"] != found["lines"]:
        yield f"{fiscal_code}: ricevute e righe di flusso non quadrano"
    if found["credited"] + found["open"] != found["declared"]:
        yield f"{fiscal_code}: flussi e accrediti non quadrano"
