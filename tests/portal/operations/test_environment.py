"""Settings read from the environment."""

import json
import os
import stat
import subprocess
import sys

import pytest
from django.conf import settings

from portal.operations import environment


def manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://portale:x@db.example/portale",
    "REDIS_URL": "redis://cache.example/0",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "servizi.provincia.example",
}


def test_a_database_url_is_read_whole():
    found = environment.database("postgresql://ufficio:p%40ss@db.example:6432/portale?sslmode=require")
    assert found["USER"] == "ufficio"
    assert found["PASSWORD"] == "p@ss"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "6432", "portale")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_database_url_may_name_a_socket():
    found = environment.database("postgresql://postgres@/portale?host=/run/postgresql")
    assert found["HOST"] == "/run/postgresql"
    assert found["OPTIONS"] == {}


@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://a/b", "portale"])
def test_other_databases_are_refused(url):
    with pytest.raises(ValueError, match="postgresql://"):
        environment.database(url)


def test_the_secret_key_is_made_once_and_kept_private(tmp_path):
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50
    assert environment.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_kept_ports_are_read_back(tmp_path):
    (tmp_path / "ports.json").write_text(json.dumps({"web": 9000, "sandbox": 9001, "mail": 9002}))
    assert environment.kept_ports(tmp_path)["sandbox"] == 9001


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_with_something_missing(missing):
    done = manage("check", **(PRODUCTION | {missing: ""}))
    assert done.returncode != 0
    assert "In produzione servono" in done.stderr


def test_production_refuses_the_counterparts():
    done = manage("check", "--tag", "portal_operations", **PRODUCTION, SANDBOX_BASE_URL="http://localhost:8001")
    assert done.returncode != 0
    assert "portal_operations.E001" in done.stderr


@pytest.mark.parametrize("command", ["sandbox", "demo", "demo_reset", "seed_demo"])
def test_demonstration_commands_refuse_production(command):
    done = manage(command, "--skip-checks", **PRODUCTION)
    assert done.returncode != 0
    assert "produzione" in done.stderr


def test_an_unknown_environment_is_refused():
    assert "ENVIRONMENT" in manage("check", ENVIRONMENT="staging").stderr
