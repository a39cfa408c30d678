"""Amounts as people write them in a field. Pure."""


def in_field(cents: int) -> str:
    """4800 as «48,00»: no sign, no thousands, so that it can be sent back as it is."""
    return f"{cents // 100},{cents % 100:02d}"
