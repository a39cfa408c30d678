"""What beat wakes up, and when. Tasks are named by strings: the house does not know who brings them."""

from typing import Any

from celery.schedules import crontab


def schedule(*, production: bool) -> dict[str, dict[str, Any]]:
    """Beat's schedule. In the demonstration the counterparts' days pass quickly."""
    slow = 3600.0
    every: dict[str, tuple[str, float]] = {
        "outbox": ("portal.outbox.tasks.carry", 5.0),
        "forget-names": ("portal.accounts.tasks.forget_names", 24 * slow),
        "judge-receipts": ("payments.tasks.judge_waiting_receipts", 60.0),
        "send-reminders": ("payments.tasks.send_reminders", slow),
        "print-campaigns": ("payments.tasks.print_campaigns", 15.0),
        "purge-campaigns": ("payments.tasks.purge_campaigns", slow),
        "prepare-fine-notices": ("payments.fines.tasks.prepare_notices", slow),
        "pull-flows": ("payments.reconciliation.tasks.pull_flows", slow if production else 20.0),
        "pull-journals": ("payments.reconciliation.tasks.pull_journals", slow if production else 20.0),
        "pull-receipts": ("payments.tasks.pull_receipts", slow if production else 30.0),
        "poll-uploads": ("payments.tasks.poll_uploads", 300.0 if production else 20.0),
        "reconcile": ("payments.reconciliation.tasks.reconcile", slow if production else 30.0),
    }
    # Hours of Rome (CELERY_TIMEZONE): the federation publishes its registry at 18 on working days.
    at: dict[str, tuple[str, crontab]] = {
        "refresh-amounts": ("payments.tasks.refresh_amounts", crontab(hour=0, minute=5)),
        "ask-receipts": ("payments.reconciliation.tasks.ask_receipts", crontab(hour=6, minute=10)),
        "check-ibans": ("payments.tasks.check_ibans", crontab(hour=2, minute=40)),
        "purge-register": ("spid_auth.tasks.purge_register", crontab(hour=3, minute=20)),
        "purge-journal": ("payments.tasks.purge_journal", crontab(hour=3, minute=40)),
        "purge-quarantine": ("payments.tasks.purge_quarantine", crontab(hour=3, minute=50)),
        "cancel-spontaneous": ("payments.tasks.cancel_stale_spontaneous", crontab(hour=2, minute=40)),
        "refresh-providers": ("spid_auth.tasks.refresh_providers", crontab(hour=18, minute=30)),
    }
    # What is due again is not done twice: after a night without a worker, one of each is waiting and not a thousand.
    often = {
        name: {"task": task, "schedule": when, "options": {"expires": when}} for name, (task, when) in every.items()
    }
    return often | {name: {"task": task, "schedule": when} for name, (task, when) in at.items()}
