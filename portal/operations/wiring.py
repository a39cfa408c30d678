"""What packages hand to the demonstration and to the benches, by name: this room imports none of them."""

# Counterparts served by `manage.py sandbox`: (path, urlconf).
_SANDBOXES = [
    ("idp", "spid_auth.sandbox.urls"),
    ("cie", "spid_auth.sandbox.urls_cie"),
    ("eidas", "spid_auth.sandbox.urls_eidas"),
    ("op", "spid_auth.sandbox.op.urls"),
    ("psp", "payments.sandbox.urls"),
    ("posta", "portal.operations.sandbox.urls"),
]

# Functions `seed()` run in this order by `manage.py seed_demo`, each safe to run again.
_DEMO_SEEDS = [
    "portal.operations.seeds.seed",
    "spid_auth.seeds.seed",
    "spid_auth.oidc.seeds.seed",
    "payments.seeds.seed",
    "payments.providers.seeds.seed",
    "payments.fines.seeds.seed",
    "payments.reconciliation.seeds.seed",
    "payments.showcase.seeds.seed",
    "exceptional_transport.seeds.seed",
]

# Functions that return the lines of the guide printed by `manage.py demo`.
DEMO_GUIDE = [
    "spid_auth.seeds.guide",
    "spid_auth.oidc.seeds.guide",
    "portal.operations.seeds.guide",
    "payments.seeds.guide",
    "payments.fines.seeds.guide",
    "payments.providers.seeds.guide",
    "payments.showcase.seeds.guide",
    "exceptional_transport.seeds.guide",
    "portal.operations.guide.sandbox_pages",
]

# Measures of speed run by `manage.py bench [name]`: functions that return rows. Each word of a name is a group.
BENCHES = {
    "dashboard": "portal.operations.bench.dashboard",
    "identity": "spid_auth.bench.identity",
    "payments-station": "payments.node.bench.station",
    "payments-notices": "payments.notices.bench.notices",
    "payments-bulk": "payments.notices.bench.bulk",
    "payments-fines": "payments.fines.bench.fines",
    "payments-campaigns": "payments.bench_campaigns.campaigns",
    "reconciliation-load": "payments.reconciliation.bench.reconciliation",
    "reconciliation-year": "payments.reconciliation.bench_year.year",
    "reconciliation-decade": "payments.reconciliation.bench_year.ten_years",
}

# What packages have to say to `manage.py doctor`: functions that yield findings.
EXAMINATIONS = ["payments.providers.examination.examine", "payments.reconciliation.examination.examine"]


def sandboxes(*, production: bool) -> list[tuple[str, str]]:
    """The counterparts; none of them exists in production."""
    return [] if production else _SANDBOXES


def demo_seeds(*, production: bool) -> list[str]:
    """The seeds of the demonstration; none in production."""
    return [] if production else _DEMO_SEEDS


def log_lines(*, production: bool) -> dict[str, str]:
    """How a line of the log is written: in production its errors are told without the values they quote."""
    formatter = "portal.operations.logs.DiscreetFormatter" if production else "logging.Formatter"
    return {"()": formatter, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}
