"""What every page shows around its content: whose face, who is there, for whom they act, where they are."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.billing.socket import public_payment_url, unasked_payment_url
from portal.entities.models import Entity
from portal.messaging.selectors import unread_count
from portal.people.acting import Acting


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of the navigation. `current` is the value of aria-current, empty when it is elsewhere."""

    label: str | Promise
    url: str
    current: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """A language in which the interface exists."""

    code: str
    label: str
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chrome:
    """Header, navigation and footer of one page."""

    entity: Entity | None
    theme: str
    initials: str
    acting: Acting | None
    is_staff: bool
    is_demo: bool
    nav: tuple[NavItem, ...]
    languages: tuple[Language, ...]
    path: str
    pay_url: str
    unasked_url: str


PUBLIC_NAV = (("site:home", _("Home")), ("site:services", _("Servizi")), ("site:help", _("Assistenza")))
AREA_NAV = (
    ("site:area", _("La mia area")),
    ("site:cases", _("Pratiche")),
    ("site:payments", _("Pagamenti")),
    ("site:documents", _("Documenti")),
    ("site:inbox", _("Messaggi")),
    ("site:services", _("Servizi")),
    ("site:help", _("Assistenza")),
)
LANGUAGE_NAMES = {"it": ("ITA", "Italiano"), "en": ("ENG", "English")}


def chrome_of(request: HttpRequest) -> Chrome:
    """The chrome of a request; also for error pages, where the middleware may not have run."""
    entity: Entity | None = getattr(request, "entity", None) or None
    acting: Acting | None = getattr(request, "acting", None)
    user = getattr(request, "user", None)
    return Chrome(
        entity=entity,
        theme=entity.theme if entity else "theme-pi",
        initials=entity.code[:2] if entity else "SL",
        acting=acting,
        is_staff=bool(user and user.is_staff),
        is_demo=settings.ENVIRONMENT == "demo",
        nav=_nav(request.path, acting),
        languages=_languages(),
        path=request.get_full_path(),
        pay_url=public_payment_url(),
        unasked_url=unasked_payment_url(),
    )


def _nav(path: str, acting: Acting | None) -> tuple[NavItem, ...]:
    links = AREA_NAV if acting else PUBLIC_NAV
    unread = unread_count(acting) if acting else 0
    items = []
    for name, label in links:
        url = reverse(name)
        items.append(NavItem(label, url, _current(path, url), unread if name == "site:inbox" else 0))
    return tuple(items)


def _current(path: str, url: str) -> str:
    """`page` on the page itself, `true` inside its section: the two values a screen reader tells apart."""
    if path == url:
        return "page"
    roots = {reverse("site:home"), reverse("site:area")}
    return "true" if url not in roots and path.startswith(url) else ""


def offered_languages() -> list[str]:
    """Italian, and each language whose catalogue is really compiled."""
    return [code for code, _name in settings.LANGUAGES if code == settings.LANGUAGE_CODE or _is_compiled(code)]


def _languages() -> tuple[Language, ...]:
    """The choice to offer; empty when there is none."""
    active = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    codes = offered_languages()
    if len(codes) < 2:
        return ()
    return tuple(Language(code, *LANGUAGE_NAMES[code], current=code == active) for code in codes)


@cache
def _is_compiled(code: str) -> bool:
    return any((Path(folder) / code / "LC_MESSAGES" / "django.mo").exists() for folder in settings.LOCALE_PATHS)
