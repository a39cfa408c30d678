from celery import shared_task

from portal.accounts.services import forget_quiet_names


@shared_task
def forget_names() -> None:
    """Counts of names that nobody has tried for a week go away."""
    forget_quiet_names()
