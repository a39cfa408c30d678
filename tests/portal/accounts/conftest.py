"""Staff with a password and an address, in a still moment."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from portal.accounts.models import User
from portal.entities.models import Entity, Role
from portal.outbox.services import carry_due
from tests.factories import platform as make
from tests.portal.accounts.entrance import PASSWORD

MORNING = datetime(2027, 3, 8, 9, 0, tzinfo=ZoneInfo("Europe/Rome"))


@pytest.fixture(autouse=True)
def later() -> Iterator[Callable[[timedelta], None]]:
    """Monday at nine; `later(timedelta(...))` moves the clock."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller.shift


@pytest.fixture
def pisa(db: None) -> Entity:
    return make.make_entity("PI")


@pytest.fixture
def staff(pisa: Entity) -> Callable[..., User]:
    """`staff(role)`: one of the staff of Pisa who can come in."""

    def made(role: Role = Role.OFFICER, *, entity: Entity | None = None, superuser: bool = False) -> User:
        user = make.make_staff(entity or pisa, role)
        user.email, user.is_superuser = f"{user.username}@ente.example", superuser
        user.set_password(PASSWORD)
        user.save()
        return user

    return made


@pytest.fixture
def paolo(staff: Callable[..., User]) -> User:
    return staff()


@pytest.fixture
def post(settings: object) -> Callable[[], list[mail.EmailMessage]]:
    """`post()` carries the outbox and answers the e-mails that left."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]

    def carried() -> list[mail.EmailMessage]:
        carry_due()
        return list(mail.outbox)

    return carried
