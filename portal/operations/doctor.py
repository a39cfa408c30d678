"""What `manage.py doctor` looks at: each examination says in one line how things are and what to do."""

import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from portal.operations import health, native, wiring
from portal.operations.environment import kept_ports
from portal.operations.ports import is_free

ENOUGH_DISK_BYTES = 1024**3
FONT = "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2"


class Level(StrEnum):
    OK = "OK"
    WARNING = "ATTENZIONE"
    ERROR = "ERRORE"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: Level
    subject: str
    text: str


def examine() -> Iterator[Finding]:
    """Every examination, in the order in which a cure makes sense."""
    for examination in EXAMINATIONS:
        yield examination()
    for name in wiring.EXAMINATIONS:
        yield from import_string(name)()


def python() -> Finding:
    """Python 3.11, 3.12 or 3.13."""
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(Level.OK if good else Level.ERROR, "Python", platform.python_version())


def pdf_libraries() -> Finding:
    """What WeasyPrint loads from the system."""
    if not native.pango_loads():
        return Finding(Level.ERROR, "PDF", "manca Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0")
    if not native.harfbuzz_subset_loads():
        return Finding(Level.WARNING, "PDF", "i documenti sono lenti: apt-get install libharfbuzz-subset0")
    return Finding(Level.OK, "PDF", "Pango e HarfBuzz presenti")


def fonts() -> Finding:
    """The fonts of pages and documents come with the packages."""
    if finders.find(FONT) is None:
        return Finding(Level.ERROR, "Caratteri", "manca Titillium Web: make setup")
    return Finding(Level.OK, "Caratteri", "Titillium Web presente")


def xml_libraries() -> Finding:
    """lxml and xmlsec embed the same libxml2."""
    problem = native.xml_problem()
    return Finding(Level.ERROR if problem else Level.OK, "XML", problem or "lxml e xmlsec vanno d'accordo")


def database() -> Finding:
    """The database answers."""
    kind = "DATABASE_URL" if settings.DATABASE_URL else f"interna, in {settings.EMBEDDED_PLACE.cluster}"
    if not health.database_answers():
        return Finding(Level.ERROR, "Base dati", f"non risponde ({kind})")
    return Finding(Level.OK, "Base dati", kind)


def migrations() -> Finding:
    """The tables are those the code expects."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except (DatabaseError, NodeNotFoundError) as error:
        return Finding(Level.ERROR, "Tabelle", f"non si leggono: {type(error).__name__}")
    if missing:
        return Finding(Level.WARNING, "Tabelle", f"{missing} aggiornamenti da applicare: manage.py migrate")
    return Finding(Level.OK, "Tabelle", "aggiornate")


def redis() -> Finding:
    """The queue and the cache answer."""
    kind = "interno" if settings.EMBEDDED_REDIS else "REDIS_URL"
    if not health.redis_answers():
        text = f"non risponde ({kind}): il portale va avanti, gli invii partono dopo"
        return Finding(Level.WARNING, "Redis", text)
    return Finding(Level.OK, "Redis", kind)


def disk() -> Finding:
    """Room for documents and data."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.DATA_DIR).free
    level = Level.OK if free >= ENOUGH_DISK_BYTES else Level.WARNING
    return Finding(level, "Disco", f"{free // 1024**2} MB liberi in {settings.DATA_DIR}")


def ports() -> Finding:
    """The demonstration's ports, free or in use (by the demonstration itself, perhaps)."""
    try:
        kept = kept_ports(settings.DATA_DIR)
    except json.JSONDecodeError:
        return Finding(Level.ERROR, "Porte", f"{settings.DATA_DIR / 'ports.json'} è rovinato: cancellalo")
    taken = [str(port) for port in kept.values() if not is_free(port)]
    if taken:
        return Finding(Level.WARNING, "Porte", f"in uso: {', '.join(taken)} (dalla dimostrazione, se è accesa)")
    return Finding(Level.OK, "Porte", f"libere: {', '.join(str(port) for port in kept.values())}")


def browser() -> Finding:
    """Chromium, for the browser tests alone."""
    path = native.chromium()
    if path is None:
        return Finding(Level.WARNING, "Chromium", "manca: serve solo alle prove nel browser")
    return Finding(Level.OK, "Chromium", path)


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    python,
    pdf_libraries,
    fonts,
    xml_libraries,
    database,
    migrations,
    redis,
    disk,
    ports,
    browser,
)
