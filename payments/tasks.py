from celery import shared_task

from payments.providers import runs
from payments.services.campaign_files import campaigns_purge
from payments.services.campaign_work import campaigns_work
from payments.services.journal import journal_purge, quarantine_purge
from payments.services.receipts import receipts_judge_waiting
from payments.services.reminders import reminders_send
from payments.services.spontaneous import spontaneous_cancel_stale


@shared_task(ignore_result=True)
def judge_waiting_receipts() -> None:
    """Judge receipts that were kept while something broke."""
    receipts_judge_waiting()


@shared_task(ignore_result=True)
def send_reminders() -> None:
    """Remind people of what is due; started again, it sends nothing twice."""
    reminders_send()


@shared_task(ignore_result=True)
def purge_journal() -> None:
    """Let go of the calls of the node that have been kept long enough."""
    journal_purge()


@shared_task(ignore_result=True)
def purge_quarantine() -> None:
    """Let go of the messages that have been in quarantine long enough."""
    quarantine_purge()


@shared_task(ignore_result=True)
def print_campaigns() -> None:
    """Print parts of campaigns for a little while. Started when one begins, and by beat as a sweep."""
    campaigns_work()


@shared_task(ignore_result=True)
def purge_campaigns() -> None:
    """Delete the files of campaigns whose term is over."""
    campaigns_purge()


@shared_task(ignore_result=True)
def cancel_stale_spontaneous() -> None:
    """Take back the spontaneous payments that nobody paid."""
    spontaneous_cancel_stale()


@shared_task(ignore_result=True)
def pull_receipts() -> None:
    """Take the receipts that providers took for us."""
    runs.receipts()


@shared_task(ignore_result=True)
def poll_uploads() -> None:
    """Read the reports of the files handed over to GPD."""
    runs.uploads()


@shared_task(ignore_result=True)
def check_ibans() -> None:
    """Look our accounts up in pagoPA's back office."""
    runs.ibans()


@shared_task(ignore_result=True)
def refresh_amounts() -> None:
    """Tell the providers the amounts that change today."""
    runs.amounts()
