"""Sending e-mail: Django's SMTP backend, with our two kinds of failure."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from portal.kernel.errors import GatewayError

TIMEOUT_SECONDS = 20


def send_email(*, to: str, subject: str, body: str, message_id: str) -> None:
    """Send one plain text e-mail. The Message-ID is ours and stable: a repeated sending can be recognised.

    Raises GatewayError: permanent when the server refuses the recipient or the message, otherwise to be retried.
    """
    email = EmailMessage(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [to],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        email.connection = get_connection(timeout=TIMEOUT_SECONDS)
        email.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise GatewayError(
            f"recipient refused {sorted(codes)}", permanent=all(code >= 500 for code in codes)
        ) from error
    except smtplib.SMTPResponseException as error:
        raise GatewayError(f"SMTP {error.smtp_code}", permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise GatewayError(f"SMTP {type(error).__name__}", permanent=False) from error
