"""The layouts of this installation: ours, and those that its settings name."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from payments.reconciliation.exports.rows import Layout
from portal.kernel.errors import DomainError

OURS = (
    "payments.reconciliation.exports.csv_layout.LAYOUT",
    "payments.reconciliation.exports.json_layout.LAYOUT",
    "payments.reconciliation.exports.siac_example.LAYOUT",
)


@lru_cache(maxsize=8)
def _loaded(names: tuple[str, ...]) -> dict[str, Layout]:
    return {layout.code: layout for layout in map(import_string, names)}


def layouts() -> list[Layout]:
    """Every layout, ours first. A setting COLLECTION_ORDER_LAYOUTS adds the dotted names of others."""
    others = tuple(getattr(settings, "COLLECTION_ORDER_LAYOUTS", ()))
    return list(_loaded(OURS + others).values())


def layout_of(code: str) -> Layout:
    """The layout with that code. Raises DomainError."""
    found = next((layout for layout in layouts() if layout.code == code), None)
    if found is None:
        raise DomainError("layout", "Questo tracciato non c'è.")
    return found
