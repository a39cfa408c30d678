"""A running sandbox for the tests of the providers, and bodies that publish through them."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from payments.models import Instalment, Position, ProviderExport, StationLink
from payments.providers.services import enqueue
from portal.entities.models import Entity
from portal.operations.sandbox.server import sandbox_server


@pytest.fixture
def sandbox(settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a running sandbox with a memory of its own; the portal speaks to it."""
    settings.DATA_DIR = tmp_path
    server = sandbox_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.SANDBOX_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield settings.SANDBOX_BASE_URL
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["v1", "v3"])
def gpd_version(request: pytest.FixtureRequest, settings: Any) -> str:
    """Both versions of GPD."""
    settings.PAGOPA_GPD_VERSION = request.param
    return str(request.param)


@pytest.fixture
def published(pisa: Entity, charged: Callable[..., Instalment], sandbox: str) -> Callable[..., ProviderExport]:
    """A charge of Pisa whose position was promised to a provider."""

    def make(provider: str = "gpd", *, source: str = "case:1", **extra: Any) -> ProviderExport:
        use(pisa, provider)
        position = charged(pisa, source=source, **extra).option.position
        return promise(position)

    return make


def use(entity: Entity, provider: str) -> StationLink:
    """The body issues through that provider; `aca` is its own station with a copy of each notice."""
    with scope(entity=entity):
        link = StationLink.objects.get(issues=True)
        link.provider = "node" if provider == "aca" else provider
        link.sends_to_aca = provider == "aca"
        link.save()
        return link


def promise(position: Position) -> ProviderExport:
    """The promise written when the position was made, or now."""
    with scope(entity=position.entity):
        if not ProviderExport.objects.filter(position=position).exists():
            enqueue(position)
        return ProviderExport.objects.get(position=position)


def change(export: ProviderExport, **values: Any) -> None:
    """Change the position behind an export and promise it again, as its service does."""
    with scope(entity=export.entity):
        position = Position.objects.get(pk=export.position_id)
        for name, value in values.items():
            setattr(position, name, value)
        position.save()
        enqueue(position)


def again(export: ProviderExport) -> ProviderExport:
    """The export as it is now."""
    with scope(entity=export.entity):
        return ProviderExport.objects.select_related("position").get(pk=export.pk)
