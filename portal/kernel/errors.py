"""The two errors of the house: one for people, one for machines."""


class DomainError(Exception):
    """A rule said no. `message` is an Italian sentence that may be shown to whoever asked.

    `values` go where the template says `%(name)s`: pages translate the template and put them there (portal.words).
    """

    code = "regola"

    def __init__(self, code: str, template: str, **values: object) -> None:
        self.code, self.template, self.values = code, template, values
        self.message = template % values if values else template
        super().__init__(self.message)


class GatewayError(Exception):
    """The outside world failed. `permanent` says whether trying again can help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
