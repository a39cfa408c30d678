"""The official marks of the login buttons, where the body has them.

The marks of SPID, CIE and eIDAS belong to AgID, the Ministry of the Interior and the Commission, and their kits say how
they are used: the project carries none of them, and the buttons have marks of their own. A body that has accepted a
kit puts its drawings in `static/spid_auth/official/` as `spid.svg`, `cie.svg`, `eidas.svg`, `arpa.svg` (height 24 px,
for a blue ground), runs collectstatic and starts again.
"""

from functools import cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from spid_auth.domain.schemes import Scheme

FOLDER = "spid_auth/official"


@cache
def official_marks() -> dict[str, str]:
    """Address of the mark of each system, empty for who has none. Read once: files change with a new start."""
    return {scheme.value: _address(f"{FOLDER}/{scheme.value}.svg") for scheme in Scheme}


def _address(name: str) -> str:
    """The address of a static file, empty when it is not there or has not been collected yet."""
    if finders.find(name) is None:
        return ""
    try:
        return static(name)
    except ValueError:
        return ""
