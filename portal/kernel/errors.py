"""The two errors of the house: one for people, one for machines."""


class DomainError(Exception):
    """A rule said no. `message` is an Italian sentence that may be shown to whoever asked."""

    code = "regola"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class GatewayError(Exception):
    """The outside world failed. `permanent` says whether trying again can help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
