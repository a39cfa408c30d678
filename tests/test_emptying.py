"""What a test that commits leaves to the next: nothing, not even evidence."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connection

from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.audit.services import record
from portal.entities.models import Entity
from tests import emptying
from tests.factories import platform as make


@pytest.mark.django_db(transaction=True)
def test_rows_evidence_and_what_points_to_them_are_gone_and_permissions_stay():
    permissions = Permission.objects.count()
    entity = make.make_entity("PI")
    record("test.happened", subject=entity, actor=Actor.system("prova"), data={})
    emptying.empty(None)
    assert not Entity.objects.exists()
    assert not Event.objects.exists()
    assert Permission.objects.count() == permissions > 0


@pytest.mark.django_db
def test_every_table_of_a_model_is_emptied_or_known_to_stay():
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    emptied = {name.strip("' ") for name in emptying._tables().split(",")}
    assert models - emptied == emptying.KEPT
    assert emptied <= set(connection.introspection.table_names())
