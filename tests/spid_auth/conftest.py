from collections.abc import Iterator

import pytest
import time_machine

from tests.spid_auth.factory import NOON


@pytest.fixture
def time_machine_at_noon() -> Iterator[None]:
    """It is the moment at which the answers of the factory arrive."""
    with time_machine.travel(NOON, tick=False):
        yield
