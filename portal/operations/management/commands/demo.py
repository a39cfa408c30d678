"""`manage.py demo`: the whole demonstration with one command."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from portal.operations import demo, ports
from portal.operations.embedded import lease
from portal.operations.supervisor import ChildDied, Stopped, Supervisor, adopt_orphans, reap


class Command(BaseCommand):
    help = "Accende la dimostrazione: portale, lavori in coda, orologio e controparti di prova."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="porta del portale (altrimenti 8000, o quella dell'ultima volta)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("La dimostrazione non si accende in produzione.")
        adopt_orphans()
        try:
            with demo.only_one(settings.DATA_DIR):
                self._run(ports.choose(settings.DATA_DIR, options["port"]))
        except (demo.AlreadyRunning, ports.PortTaken, ChildDied) as error:
            raise CommandError(str(error)) from error
        except Stopped:
            self._say("Dimostrazione spenta. I dati restano: li ritrovi alla prossima accensione.")
        finally:
            lease.stop_if_nobody_left(settings.EMBEDDED_PLACE)
            reap()

    def _run(self, chosen: dict[str, int]) -> None:
        self._say("Preparo la base dati...")
        environment = demo.child_environment(chosen, settings.EMBEDDED_PLACE)
        logs = settings.DATA_DIR / "logs"
        with Supervisor(logs=logs, folder=settings.BASE_DIR, environment=environment) as supervisor:
            if not (settings.STATIC_ROOT / "staticfiles.json").exists():
                supervisor.run([sys.executable, "manage.py", "collectstatic", "--no-input"])
            supervisor.run([sys.executable, "manage.py", "migrate", "--no-input"])
            supervisor.run([sys.executable, "manage.py", "seed_demo"])
            for program in demo.programs(chosen, settings.DATA_DIR):
                supervisor.start(program)
            supervisor.wait_until_ready()
            self._say(f"READY {environment['PORTAL_BASE_URL']}/")
            settings.PORTAL_BASE_URL = environment["PORTAL_BASE_URL"]
            settings.SANDBOX_BASE_URL = environment["SANDBOX_BASE_URL"]
            for dotted in settings.DEMO_GUIDE:
                for line in import_string(dotted)():
                    self._say(line)
            supervisor.watch()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
