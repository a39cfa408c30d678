"""Reconcile now: match and judge the evidence of one body or of all."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_scopes import scope

from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.matching import reconcile
from payments.reconciliation.services.reading import read_pending
from portal.audit.actor import Actor
from portal.entities.models import Entity

ACTOR = Actor.system("riconciliazione")


class Command(BaseCommand):
    """`manage.py reconcile [--entity CODE] [--full]`."""

    help = "Reads what is pending, matches the documents and judges them; says what changed and the fingerprint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--entity", help="code of one body; all of them otherwise")
        parser.add_argument("--full", action="store_true", help="judge everything again, not only what is new")

    def handle(self, *args: Any, **options: Any) -> None:
        entities = Entity.objects.order_by("code")
        if options["entity"]:
            entities = entities.filter(code=options["entity"])
            if not entities:
                raise CommandError(f"no body has the code {options['entity']}")
        for entity in entities:
            with scope(entity=entity):
                read_pending(entity=entity, actor=ACTOR)
                run = reconcile(entity=entity, actor=ACTOR, full=options["full"])
                books = books_update(entity=entity, actor=ACTOR, full=run.full, run_id=run.run_id)
            counts = " ".join(f"{rule}={count}" for rule, count in run.counts.items())
            opened, closed = sum(run.opened.values()), sum(run.closed.values())
            changed = (
                f"matches: {counts or 'none'}; taken back {run.revoked}; verdicts: {opened} opened, {closed} closed"
            )
            kind = "full" if run.full else "incremental"
            self.stdout.write(f"{entity.code} {kind} · {changed} · books: {books.postings} postings · {run.hash}")
