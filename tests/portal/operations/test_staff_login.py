"""The staff's way in, and the doors of allauth that stay closed."""

import pytest

CLOSED = [
    "/personale/signup/",
    "/personale/password/reset/complete/",
    "/personale/password/set/",
    "/personale/email/",
    "/personale/confirm-email/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", CLOSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up_or_sets_a_first_password(client, address, method):
    assert getattr(client, method)(address).status_code == 404


@pytest.mark.django_db
def test_the_admin_sends_visitors_to_the_staff_login(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/personale/login/?next=%2Fadmin%2F"


@pytest.mark.django_db
def test_staff_already_in_go_where_they_were_going(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ufficio", kind="staff", is_staff=True))
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/admin/"
    assert client.get("/admin/login/?next=https://evil.example/").headers["Location"] == "/admin/"


@pytest.mark.django_db
def test_a_citizen_has_no_business_in_the_admin(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("qualcuno"))
    assert client.get("/admin/login/").status_code == 403


@pytest.mark.django_db
def test_pages_of_whoever_is_logged_in_stay_out_of_caches(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ufficio", kind="staff", is_staff=True))
    assert "no-store" in client.get("/admin/").headers["Cache-Control"]


@pytest.mark.django_db
def test_the_policy_allows_nothing_inline(client):
    policy = client.get("/personale/login/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
