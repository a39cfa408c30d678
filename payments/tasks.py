from celery import shared_task

from payments.services.receipts import receipts_judge_waiting


@shared_task(ignore_result=True)
def judge_waiting_receipts() -> None:
    """Judge receipts that were kept while something broke."""
    receipts_judge_waiting()
