"""Loading a network: versions, wrong files, the shipped one."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from exceptional_transport import seeds
from exceptional_transport.load import DATA, load_figures
from exceptional_transport.models import FeeRate, LegalFigure, Municipality, NetworkVersion, RoadSection, Vehicle
from exceptional_transport.selectors.network import current_network, map_features
from exceptional_transport.services.network import limits_import, municipalities_import, network_import
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.people.models import Company
from tests.exceptional_transport import pages
from tests.factories.platform import make_entity
from tests.standards import SHARED_DATA, need


def test_the_same_files_again_make_no_new_version(pisa: Entity, network_files: tuple[Path, Path], every_entity: None):
    again = network_import(entity=pisa, roads=network_files[0], structures=network_files[1], label="prova")
    assert again.number == 1
    assert NetworkVersion.objects.count() == 1


def test_new_files_make_a_new_current_version_and_keep_the_old(
    pisa: Entity, network_files: tuple[Path, Path], every_entity: None
):
    content = json.loads(network_files[0].read_text())
    content["features"].pop()
    network_files[0].write_text(json.dumps(content))
    network_import(entity=pisa, roads=network_files[0], structures=network_files[1], label="prova 2")
    assert [(row.number, row.is_current) for row in NetworkVersion.objects.order_by("number")] == [
        (1, False),
        (2, True),
    ]
    assert ("PI", "SP9") not in current_network().roads
    assert RoadSection.objects.filter(version__number=1).count() == 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "non è json", "geojson_malformed"),
        (lambda text: "[]", "geojson_malformed"),
        (lambda text: text.replace("LineString", "Polygon"), "geojson_geometry"),
        (lambda text: text.replace('"from_node"', '"nodo"'), "section_incomplete"),
        (lambda text: text.replace('"SP9"', '"via Roma"'), "road_malformed"),
        (lambda text: text.replace('"S1"', '"S99"'), "structure_astray"),
    ],
)
def test_a_wrong_file_leaves_everything_as_it_was(tmp_path: Path, change: Any, code: str, db: None, every_entity: None):
    entity = make_entity("PI")
    roads, structures = pages.write_network(tmp_path)
    roads.write_text(change(roads.read_text()))
    with pytest.raises(DomainError) as refused:
        network_import(entity=entity, roads=roads, structures=structures, label="prova")
    assert refused.value.code == code
    assert not NetworkVersion.objects.exists()


def test_the_commands_tell_the_operator_what_is_wrong(db: None, tmp_path: Path):
    make_entity("PI")
    missing = tmp_path / "niente.geojson"
    with pytest.raises(CommandError, match="sigla ZZ"):
        call_command("import_network", "ZZ", roads=missing, structures=missing)
    with pytest.raises(CommandError, match=r"niente\.geojson"):
        call_command("import_network", "PI", roads=missing, structures=missing)
    with pytest.raises(CommandError):
        call_command("import_limits", "PI", str(missing))


def test_the_seeds_load_the_whole_network_and_may_run_again(db: None, every_entity: None, tmp_path: Path):
    make_entity("PI")
    Company.objects.create(name="Autotrasporti Bianchi S.r.l.", fiscal_code="01234560504", seat="Pontedera")
    seeds.seed()
    seeds.seed()
    version = NetworkVersion.objects.get()
    assert version.sections.count() == 896
    assert Municipality.objects.count() == 37
    assert FeeRate.objects.count() == 3
    assert Vehicle.objects.count() == 2
    features = map_features(version.pk)["features"]
    assert [sum(each["properties"]["layer"] == layer for each in features) for layer in ("town", "name", "road")] == [
        37,
        37,
        896,
    ]
    limits = tmp_path / "limiti.geojson"
    square = {"type": "Polygon", "coordinates": [[[10, 43], [11, 43], [11, 44], [10, 43]]]}
    rows = [
        {"type": "Feature", "geometry": square, "properties": {"com_istat_code": code}} for code in ("050026", "099999")
    ]
    limits.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    call_command("import_limits", "PI", str(limits), source="limiti di prova", stdout=None)
    town = Municipality.objects.get(istat_code="050026")
    assert (town.outline, town.outline_source) == (square, "limiti di prova")


def test_the_real_limits_of_the_province_are_read(db: None, every_entity: None):
    limits = need(SHARED_DATA / "exceptional_transport" / "limits_P_50_municipalities.geojson")
    pisa = make_entity("PI")
    municipalities_import(entity=pisa, points=DATA / "network_pisa_municipalities.geojson")
    assert limits_import(entity=pisa, limits=limits, code_property="com_istat_code", source="prova") == 37


def test_figures_to_be_confirmed_wait_for_somebody(db: None):
    load_figures()
    waiting = set(LegalFigure.objects.filter(confirmed_by="").values_list("mark", flat=True))
    assert waiting == {"M"}
    load_figures(confirmed_by="dirigente")
    assert not LegalFigure.objects.filter(confirmed_by="").exists()
