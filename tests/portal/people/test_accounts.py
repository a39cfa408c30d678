import pytest
from django.core.management import call_command

from portal.accounts.models import Kind, User


@pytest.mark.django_db
def test_createsuperuser_makes_one_of_the_staff():
    call_command("createsuperuser", interactive=False, username="capo", email="capo@ente.example", verbosity=0)
    assert User.objects.get(username="capo").kind == Kind.STAFF
