"""`manage.py unlock_staff NAME`: the way back for who runs the system, when nobody else can open."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.models import LoginLock
from portal.accounts.services import lock_release
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Toglie il blocco dell'accesso a un utente del personale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="nome utente")

    def handle(self, *args: Any, **options: Any) -> None:
        lock = LoginLock.objects.filter(user__username__iexact=options["username"]).first()
        if lock is None:
            raise CommandError("Nessun tentativo registrato per questo nome.")
        try:
            lock_release(lock_id=lock.pk, actor=Actor.system("unlock_staff"))
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write("Blocco tolto.")
