"""Italian sentences of pure rules, in the language of who reads them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext


class Sentence(Protocol):
    """What a pure rule says: a text with `%(name)s` in it, and what to write there."""

    @property
    def template(self) -> str: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


def told(said_by_rule: Sentence) -> str:
    """The sentence of a DomainError, or of another pure rule, in the language of the page."""
    text = gettext(said_by_rule.template)
    return text % said_by_rule.values if said_by_rule.values else text


def said(label: object) -> str:
    """A label that code without Django holds in Italian, in the language of the page; what nobody translated stays."""
    text = str(label)
    return gettext(text) if text else text


def in_italian() -> AbstractContextManager[None]:
    """What is kept, printed or sent is Italian, whatever language the page that asks for it is read in."""
    return translation.override(settings.LANGUAGE_CODE)
