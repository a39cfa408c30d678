"""The statements of this room, one file each, so that they can be read and explained as SQL."""

from importlib.resources import files


def statement(name: str) -> str:
    """The text of `<name>.sql`; parameters are written %(name)s."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
