"""What a step is, and what it may ask while it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise

from exceptional_transport.domain.figures import Figures
from exceptional_transport.domain.routes import Network
from exceptional_transport.models import Vehicle
from exceptional_transport.selectors.fleet import fleet_of
from exceptional_transport.selectors.law import figures_on
from exceptional_transport.selectors.network import current_network, road_choices
from portal.cases.models import Attachment, Draft
from portal.cases.selectors import draft_attachments
from portal.people.acting import Acting

Answers = dict[str, Any]


@dataclass
class Wizard:
    """Who fills the application, on which draft, on which day. Everything else is read once, when a step needs it."""

    acting: Acting
    draft: Draft | None
    today: date

    def answers(self, slug: str) -> Answers:
        """What was saved for a step; empty when nothing was."""
        return dict(self.draft.data.get(slug, {})) if self.draft else {}

    def is_saved(self, slug: str) -> bool:
        return bool(self.draft and slug in self.draft.data)

    @cached_property
    def figures(self) -> Figures:
        return figures_on(self.today)

    @cached_property
    def network(self) -> Network:
        return current_network()

    @cached_property
    def roads(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return road_choices()

    @cached_property
    def fleet(self) -> list[Vehicle]:
        return list(fleet_of(self.acting))

    @cached_property
    def attachments(self) -> list[Attachment]:
        return list(draft_attachments(self.draft)) if self.draft else []


@dataclass
class Page:
    """A step ready to be shown. `errors` are (id of the field, sentence); `value` is set when there is none."""

    context: dict[str, Any]
    errors: list[tuple[str, str]] = field(default_factory=list)
    value: Any = None

    @property
    def is_good(self) -> bool:
        return not self.errors


Build = Callable[[Wizard, Answers, bool], Page]
Change = Callable[[Wizard, Answers, str], tuple[Answers, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """`read` keeps what was typed, `build` shows and (when asked) judges it, `change` adds or removes rows."""

    slug: str
    title: str | Promise
    lead: str | Promise
    template: str
    read: Callable[[QueryDict], Answers]
    build: Build
    change: Change | None = None


def bind(form_class: type[forms.Form], data: Mapping[str, Any], *, check: bool, **kwargs: Any) -> Any:
    """A form on raw answers: bound when it must judge, otherwise just filled in."""
    if not check:
        return form_class(initial=dict(data), **kwargs)
    prefix = kwargs.get("prefix")
    named = {f"{prefix}-{key}" if prefix else key: value for key, value in data.items() if value not in (None, False)}
    return form_class(named, **kwargs)


def raw(form_class: type[forms.Form], post: QueryDict, prefix: str = "") -> Answers:
    """The values of a form's fields as they were sent; an unticked box is False."""
    answers: Answers = {}
    for name, each in form_class.base_fields.items():
        sent = post.get(f"{prefix}-{name}" if prefix else name) or ""
        answers[name] = bool(sent) if isinstance(each, forms.BooleanField) else sent.strip()[:500]
    return answers


def errors_of(form: forms.BaseForm, *, row: str = "") -> list[tuple[str, str]]:
    """Errors with the id of their field; `row` says which vehicle, axle or leg. Each sentence names its field."""
    lead = f"{row}, " if row else ""
    found = [
        (bound.id_for_label or bound.auto_id, f"{lead}{bound.label}: {error}")
        for bound in form
        for error in bound.errors
    ]
    return found + [("", f"{row}: {error}" if row else str(error)) for error in form.non_field_errors()]


def to_int(text: str | None, *, most: int) -> int:
    """A row number or count sent by a page: 0 when it is not one."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0
