"""The platform of the portal. The Celery application is loaded with it, so that tasks find their application."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
