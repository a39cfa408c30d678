"""`manage.py migrate`: Django's own, which renders again only what a change touches."""

from typing import Any

from django.core.management.commands import migrate

from portal.operations.near_migrations import near_reloads


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with near_reloads():
            super().handle(*args, **options)
