"""What tells one flow of a PSP from another. Pure."""

import re
from datetime import date

# SACI 6.2: the day of settlement comes first. Some PSPs give 32 hexadecimal digits instead.
_ONE_FOR_EVER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9A-F]{32}\Z")
LONGEST = 40


def flow_key(iuf: str, settled_on: date) -> str:
    """The flow's name (IUF), case set aside, as it never comes again: SACI promises that within a year only, so a name
    that carries no date of its own gets the year of settlement.
    """
    name = iuf.upper()
    return name if _ONE_FOR_EVER.match(name) else f"{name}@{settled_on.year}"
