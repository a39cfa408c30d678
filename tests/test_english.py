"""Whoever chooses English meets English: every sentence of the citizen's pages has a translation in locale/en.

What is read: the templates of the citizen's pages, the strings that Python marks for them, the refusals of the rules
that citizens meet, and the labels that pure code holds. Pages of the office, acts and notices are Italian by design.
"""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from django.template import Engine
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

from exceptional_transport.domain import fees, routes, terms
from payments import verification
from payments.domain import outside, states
from payments.fines.domain import drafts, stages
from payments.services import spontaneous
from portal import clock, words
from portal.documents.verification import AUTHENTIC
from portal.kernel.errors import DomainError
from portal.site.templatetags import portal_ui
from tests.english import PO, need_english

ROOT = Path(__file__).parent.parent

# Every template of these places that is not listed below is a page, or a piece of a page, of citizens.
PAGES = (
    "*.html",
    "django/**/*.html",  # how every form is drawn
    "exceptional_transport/wizard/*.html",
    "payments/*.html",
    "payments/fines/*.html",
    "payments/spontaneous/*.html",
    "portal/components/*.html",
    "portal/documents/verify*.html",
    "portal/site/**/*.html",
    "spid_auth/*.html",
)
NOT_OF_CITIZENS = (
    "payments/fines/admin_",
    "payments/fines/case.html",  # a piece of the desk's page of an odd receipt
)
# Modules whose marked strings citizens read. Models are not here: their names are read by the office alone.
WORDS = (
    "exceptional_transport/describe.py",
    "exceptional_transport/verification.py",
    "exceptional_transport/models/vehicle_fields.py",
    "exceptional_transport/wizard/*.py",
    "payments/fines/forms.py",
    "payments/fines/selectors.py",
    "payments/fines/views.py",
    "payments/forms.py",
    "payments/spontaneous/forms.py",
    "payments/spontaneous/views.py",
    "payments/views.py",
    "payments/visitor*.py",
    "portal/accounts/middleware.py",
    "portal/billing/selectors.py",
    "portal/people/session.py",
    "portal/site/*.py",
    "portal/site/templatetags/*.py",
    "portal/site/views/*.py",
    "spid_auth/errors.py",
    "spid_auth/views*.py",
)
# Modules shared with the office: of their classes, only these are of citizens.
SHARED = {
    "exceptional_transport/models/vehicle_fields.py": set[str](),
    "payments/fines/forms.py": {"DriverForm", "ForeignForm"},
    "payments/forms.py": {"FindNoticeForm"},
}
# Where rules say no to a citizen: the first text of a DomainError is what they read.
REFUSALS = (
    "exceptional_transport/domain/chainage.py",
    "exceptional_transport/domain/convoy.py",
    "exceptional_transport/domain/fees.py",
    "exceptional_transport/domain/figures.py",
    "exceptional_transport/domain/terms.py",
    "exceptional_transport/services/applications.py",
    "payments/domain/spontaneous.py",
    "payments/fines/services/drivers.py",
    "payments/services/spontaneous.py",
    "portal/cases/services/applicant.py",
    "portal/cases/services/drafts.py",
    "portal/cases/services/moves.py",
    "portal/cases/services/submission.py",
    "portal/documents/domain/uploads.py",
    "portal/kernel/states.py",
    "portal/messaging/services.py",
    "portal/people/acting.py",
    "portal/people/domain/mandates.py",
    "portal/people/domain/phones.py",
    "portal/people/services/claims.py",
    "portal/people/services/contacts.py",
    "portal/people/services/mandates.py",
    "portal/people/session.py",
)
# Labels and sentences that code without Django holds in Italian; pages pass them through portal.words.
LABELS = (
    *terms.LABELS.values(),
    *terms.TOO_LONG.values(),
    *(description for _code, description, _debt in fees.BASE_ITEMS),
    *(routes.UNKNOWN, routes.OUTSIDE, routes.EMPTY, routes.BROKEN, routes.MEETING, routes.APART),
    *states.STATE_LABELS.values(),
    *states.PAYABILITY_LABELS.values(),
    *outside.PAID_HOW.values(),
    *stages.SERVED_LABELS.values(),
    *(drafts.DISCOUNTED, drafts.REDUCED, drafts.PLAN),
    *(stages.DECIDED, *stages.DECISION_LABELS.values()),
    *(spontaneous.ONLY_PERSONS, spontaneous.ONLY_COMPANIES),
    *(status.label for status in (AUTHENTIC, verification.OVER, verification.PAID, verification.SUSPENDED)),
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """Every entry of the .po: the Italian (singular, then plural) joined by a NUL, as compiled files have it."""
    found = {}
    for block in PO.read_text(encoding="utf-8").split("\n\n"):
        texts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#") or not line:
                continue
            word, _space, rest = line.partition(" ")
            name, text = (name, line) if line.startswith('"') else (word, rest)
            texts[name] = texts.get(name, "") + ast.literal_eval(text)
        key = "\0".join(texts[part] for part in ("msgid", "msgid_plural") if part in texts)
        found[key] = tuple(text for part, text in texts.items() if part.startswith("msgstr"))
    return found


@cache
def known() -> frozenset[str]:
    """What gettext finds: also the singular of an entry that has a plural."""
    whole = {key for key, texts in catalogue().items() if all(texts)}
    return frozenset(whole | {key.partition("\0")[0] for key in whole})


def pages() -> list[str]:
    names = {
        path.relative_to(ROOT / "templates").as_posix() for each in PAGES for path in ROOT.glob(f"templates/{each}")
    }
    return sorted(name for name in names if not name.startswith(NOT_OF_CITIZENS))


def modules(patterns: tuple[str, ...]) -> list[str]:
    found = [path.relative_to(ROOT).as_posix() for each in patterns for path in sorted(ROOT.glob(each))]
    found = [path for path in found if not path.endswith("/apps.py")]  # names of the admin
    assert all(any(ROOT.glob(each)) for each in patterns), "a pattern finds nothing: the module moved"
    return found


def sentences_of_template(template: Template) -> Iterator[str]:
    """What Django looks up when the template is drawn."""
    nodes: list[Node] = list(template.nodelist)
    for node in chain.from_iterable(each.get_nodes_by_type(Node) for each in nodes):
        if isinstance(node, TranslateNode) and isinstance(node.filter_expression.var.literal, str):
            yield node.filter_expression.var.literal.replace("%", "%%")
        elif isinstance(node, BlockTranslateNode):
            texts = [node.render_token_list(tokens)[0] for tokens in (node.singular, node.plural or []) if tokens]
            yield "\0".join(texts)


def marks(tree: ast.Module) -> set[str]:
    """The names under which a module has Django's functions that mark a text: `_`, `_now`, `ngettext`..."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    from_django = [node for node in imports if node.module == "django.utils.translation"]
    return {name.asname or name.name for node in from_django for name in node.names if "gettext" in name.name}


def sentences_of_module(path: str) -> Iterator[str]:
    """The texts that a module marks; those of classes that only the office meets are left out."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    of_citizens = SHARED.get(path)
    body = [
        node
        for node in tree.body
        if of_citizens is None or not isinstance(node, ast.ClassDef) or node.name in of_citizens
    ]
    names = marks(tree)
    for call in (node for top in body for node in ast.walk(top) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in names:
            texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if texts:
                yield "\0".join(texts)


def sentences_of_refusals(path: str) -> Iterator[str]:
    """The second text of DomainError("code", "text"); of DomainError("code", text), what was written to `text`."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        is_error = isinstance(call.func, ast.Name) and call.func.id in {"DomainError", "_check"}
        is_built = isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
        if (is_error or is_built) and len(call.args) == 2:
            text = call.args[1]
            assert not isinstance(text, ast.JoinedStr), f"{path}:{text.lineno}: values go beside the text, not in it"
            if isinstance(text, ast.Constant):
                yield str(text.value)
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Assign)):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and target.id == "text" and isinstance(value, ast.Constant):
            yield str(value.value)


def missing(sentences: Iterator[str]) -> list[str]:
    return sorted({each for each in sentences if each.strip() and each not in known()})


@pytest.mark.parametrize("name", pages())
def test_every_sentence_of_a_citizens_page_is_in_english(name: str) -> None:
    template = Engine.get_default().get_template(name)

    assert missing(sentences_of_template(template)) == []


@pytest.mark.parametrize("path", modules(WORDS))
def test_every_sentence_that_code_says_to_citizens_is_in_english(path: str) -> None:
    assert missing(sentences_of_module(path)) == []


@pytest.mark.parametrize("path", modules(REFUSALS))
def test_every_refusal_that_citizens_meet_is_in_english(path: str) -> None:
    assert missing(sentences_of_refusals(path)) == []


def test_the_labels_that_pure_code_holds_are_in_english() -> None:
    assert missing(iter(LABELS)) == []


def test_nothing_in_the_english_catalogue_is_a_guess() -> None:
    text = PO.read_text(encoding="utf-8")

    assert "fuzzy" not in text
    assert "#~" not in text
    assert [key for key, texts in catalogue().items() if key and not all(texts)] == []


def test_a_translation_has_the_placeholders_of_its_sentence() -> None:
    wrong = []
    for key, texts in catalogue().items():
        originals = key.split("\0")
        paired = originals if len(originals) == len(texts) else originals * len(texts)
        for original, text in zip(paired, texts, strict=True):
            if key and sorted(PLACEHOLDER.findall(original)) != sorted(PLACEHOLDER.findall(text)):
                wrong.append(original)

    assert wrong == []


@pytest.fixture
def english() -> Iterator[None]:
    """A page read in English."""
    need_english()
    with translation.override("en"):
        yield


def test_a_refusal_is_told_with_its_values_in_the_language_of_the_page(english: None) -> None:
    refusal = DomainError("too_many_files", "Puoi allegare al massimo %(most)s file.", most=3)

    assert words.told(refusal) == "You can attach at most 3 files."
    assert refusal.message == "Puoi allegare al massimo 3 file."
    with words.in_italian():
        assert words.told(refusal) == refusal.message


def test_a_percent_sign_in_a_refusal_without_values_is_a_percent_sign() -> None:
    refusal = DomainError("odd", "Lo sconto è del 30%.")

    assert words.told(refusal) == refusal.message == "Lo sconto è del 30%."


@pytest.mark.parametrize(
    ("label", "shown"), [("sospesa", "suspended"), ("Passo carrabile 7", "Passo carrabile 7"), ("", "")]
)
def test_a_label_nobody_translated_stays_as_it_is(english: None, label: str, shown: str) -> None:
    assert words.said(label) == shown


def test_a_moment_is_written_in_the_language_of_the_page(english: None) -> None:
    moment = datetime(2026, 12, 12, 10, 42, tzinfo=clock.ROME)

    assert portal_ui.moment(moment) == "12/12/2026, 10:42"
    with words.in_italian():
        assert portal_ui.moment(moment) == "12/12/2026, ore 10:42"
