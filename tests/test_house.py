"""Tests of the house itself: sizes, names, templates, tenants. They read the code, not its behaviour."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template import engines

from portal.entities.models import EntityModel
from portal.operations.state_diagrams import page

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("portal", "spid_auth", "payments", "exceptional_transport", "competitions")
SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))

LONGEST_FUNCTION = 45
LONGEST_MODULE = 400
LONGEST_TEST_MODULE = 600

# Rows that belong to no body, and why.
WITHOUT_ENTITY = {
    "portal_entities.Entity": "is the body",
    "portal_accounts.User": "staff may work for several bodies, citizens belong to none",
    "portal_accounts.LoginLock": "whoever comes in comes in to the installation",
    "portal_people.Person": "a person registers once for all bodies",
    "portal_people.Company": "a company registers once for all bodies",
    "portal_people.Mandate": "a mandate is between a person and a company",
    "portal_people.MandateEvidence": "part of a mandate",
    "portal_people.FiscalCodeClaim": "is about a person",
    "portal_people.EmailVerification": "is about a person",
    "portal_documents.StoredFile": "is reached through what points at it",
    "portal_cases.Draft": "the competent body is known at submission",
    "portal_cases.LegalTerm": "a norm is the same for every body",
    "spid_auth.IdentityProvider": "the federation is one",
    "spid_auth.ProviderRevision": "the federation is one",
    "spid_auth.RegistryRefresh": "the federation is one",
    "spid_auth.Alert": "for who runs the installation",
    "spid_auth.RegisterPurge": "the register of logins is one",
    "spid_auth.ServiceProviderEntity": "says how each body is in the federation, for who runs the installation",
    "spid_auth.SigningCertificate": "a key of the installation",
    "spid_auth.AuthnTransaction": "who logs in logs in to the installation",
    "spid_auth.SamlMessage": "evidence of a login",
    "spid_auth.ResponseTicket": "a step of a login",
    "spid_auth.Identity": "a person's identity",
    "exceptional_transport.Vehicle": "a carrier's fleet, registered once for all bodies",
    "exceptional_transport.FleetAxle": "part of a vehicle",
    "exceptional_transport.LegalFigure": "a norm is the same for every body",
    "exceptional_transport.Municipality": "geography",
}


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_functions_fit_on_a_screen():
    long = [
        f"{named(p)}:{n.lineno} {n.name} {length(n)}"
        for p in SOURCES
        for n in functions(p)
        if length(n) > LONGEST_FUNCTION
    ]
    assert long == []


def test_modules_are_short():
    long = [named(path) for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_MODULE]
    long += [named(path) for path in TESTS if len(path.read_text().splitlines()) > LONGEST_TEST_MODULE]
    assert long == []


def test_public_services_say_what_they_do():
    silent = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        if path.name == "services.py" or "services" in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_is_left_to_be_done():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [named(path) for path in (*SOURCES, *TEMPLATES) if marks.search(path.read_text(errors="replace"))] == []


def test_pages_have_no_inline_script_style_or_handler():
    inline = re.compile(
        r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\b(src|type=\"application/ld\+json\"))", re.I
    )
    comment = re.compile(r"{% comment %}.*?{% endcomment %}", re.S)
    printed = {"notices", "pdf", "receipts"}  # rendered to PDF, never sent to a browser
    guilty = [
        named(path)
        for path in TEMPLATES
        if path.suffix == ".html" and not printed & set(path.parts) and inline.search(comment.sub("", path.read_text()))
    ]
    assert guilty == []


def test_every_template_compiles():
    for path in TEMPLATES:
        engines["django"].get_template(str(path.relative_to(ROOT / "templates")))


def test_no_address_says_an_identifier_with_a_thousands_separator():
    bare = re.compile(r"\{\{ *[\w.]*(\.pk|\.id|page_number) *\}\}")
    ours = [path for path in TEMPLATES if path.suffix == ".html" and "widgets" not in path.parts]
    assert [named(path) for path in ours if bare.search(path.read_text())] == []


def test_every_template_is_used():
    words = "\n".join(path.read_text() for path in (*SOURCES, *TEMPLATES, *(ROOT / "portal").glob("*.py")))
    built = [
        re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(text)) for text in re.findall(r'f"([\w/]+/[\w/]*{[^"]*)"', words)
    ]
    by_django = re.compile(r"^(admin|django|account|mfa|allauth|4\d\d|500)")
    unused = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        message = re.fullmatch(r"(.+)/messages/(.+)\.txt", name)
        short = f"{message[1]}/{message[2]}" if message else name
        found = message and (f'"{short}"' in words or f'template="{message[2]}"' in words)
        found = found or any(re.fullmatch(pattern, short) for pattern in built)
        if not by_django.match(name) and name not in words and not found:
            unused.append(name)
    assert unused == []


def house_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]


@pytest.mark.parametrize("model", house_models(), ids=lambda model: model._meta.label)
def test_a_row_belongs_to_a_body_or_says_why_not(model):
    if issubclass(model, EntityModel):
        assert model._default_manager.__class__.__name__ == "EntityManager"
    elif model._meta.label not in WITHOUT_ENTITY:
        field = {f.name: f for f in model._meta.get_fields()}.get("entity")
        assert field is not None, "no entity: make it an EntityModel, or add it to WITHOUT_ENTITY with the reason"
        assert field.null, "a row with a compulsory entity is an EntityModel"


@pytest.mark.parametrize("model", house_models(), ids=lambda model: model._meta.label)
def test_names_of_models_are_italian_and_lower_case(model):
    name = str(model._meta.verbose_name)
    assert name[:1].islower() or name.split()[0].isupper(), name
    assert name != model.__name__.lower(), "no verbose_name"


@pytest.mark.parametrize("model", house_models(), ids=lambda model: model._meta.label)
def test_evidence_and_money_are_never_kept_as_floats(model):
    assert not [field.name for field in model._meta.get_fields() if isinstance(field, models.FloatField)]


def test_the_diagrams_in_the_docs_are_those_of_the_tables():
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == page(), "run manage.py draw_states"
