"""Who of the staff must have a second factor. Pure."""

from collections.abc import Collection

SUPERUSER = "superuser"


def is_required(
    *, enforced: bool, roles: Collection[str], held: Collection[str], superuser: bool, personally: bool
) -> bool:
    """Whether one of the staff may work only with a second factor.

    `enforced` and `roles` are the installation's choice (no roles: everybody, also who has no role yet), `held` the
    roles of the person, `personally` what the administrator decided for that person alone.
    """
    if personally:
        return True
    if not enforced:
        return False
    if not roles:
        return True
    return bool(set(held) & set(roles)) or (superuser and SUPERUSER in roles)
