from celery import shared_task

from payments.fines.services.notices import notices_prepare


@shared_task(ignore_result=True)
def prepare_notices() -> None:
    """Prepare today's texts for the IO app; started again, it prepares none twice."""
    notices_prepare()
