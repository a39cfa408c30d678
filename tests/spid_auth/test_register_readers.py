"""Who may open the register of logins, besides who runs the installation."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.accounts.models import Kind, User
from spid_auth.models import AuthnTransaction, IdentityProvider
from tests.spid_auth.browser_like import leave

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "/admin/spid_auth/authntransaction/"


def _staff(name: str, *, superuser: bool = False) -> User:
    return User.objects.create(username=name, kind=Kind.STAFF, is_staff=True, is_superuser=superuser)


@pytest.fixture
def boss(client: Client, federation: IdentityProvider) -> Client:
    client.force_login(_staff("capo", superuser=True), backend=BACKEND)
    return client


def test_the_right_to_read_is_given_by_name_and_nothing_else_is(boss: Client, federation: IdentityProvider) -> None:
    leave(Client(), federation)
    started = AuthnTransaction.objects.get()
    officer = _staff("lettrice")
    reader = Client()
    reader.force_login(officer, backend=BACKEND)
    addresses = (LIST, f"{LIST}{started.pk}/registro/")
    assert [reader.get(address).status_code for address in addresses] == [403, 403]

    page = f"/admin/portal_accounts/user/{officer.pk}/change/"
    right = Permission.objects.get(codename="open_register")
    other = Permission.objects.get(codename="change_identityprovider")
    fields = {"username": officer.username, "is_active": "on", "first_name": "A", "last_name": "B", "email": ""}
    assert boss.post(page, fields | {"user_permissions": [other.pk]}).status_code == 200
    assert boss.post(page, fields | {"user_permissions": [right.pk]}).status_code == 302

    assert [reader.get(address).status_code for address in addresses] == [200, 200]
    assert reader.get("/admin/spid_auth/identityprovider/").status_code == 403
