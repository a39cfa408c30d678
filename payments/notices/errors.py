"""Why a notice is not printed."""

from portal.kernel.errors import DomainError


class NoticeError(DomainError):
    """A notice that can't be printed as it is asked."""
