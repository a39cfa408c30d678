from celery import shared_task

from portal.outbox import services


@shared_task(ignore_result=True)
def carry() -> None:
    """Carry what is due. Started on commit, and by beat as a sweep: the work is found in the table."""
    services.carry_due()
