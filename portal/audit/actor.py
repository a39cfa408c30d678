"""Who did it: the user, the person behind it, and the mandate by which they acted."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """Stored with every event. `label` is what people read; machines have only a label.

    `via_mandate_id` is the person's mandate for the agency, when the company's mandate is the agency's.
    """

    label: str
    user_id: int | None = None
    person_id: int | None = None
    mandate_id: int | None = None
    via_mandate_id: int | None = None

    @classmethod
    def system(cls, name: str) -> Self:
        """A part of the system that acts by itself, e.g. `Actor.system("payments")`."""
        return cls(label=name)
