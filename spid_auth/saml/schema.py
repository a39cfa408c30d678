"""Validation against the official schemas, whose files stand side by side in one folder and never come from the net."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from spid_auth.saml import backend


class _SameFolder(etree.Resolver):
    """Schemas that name each other by a web address are read from the folder of the first one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        if system_url and system_url.startswith(("http:", "https:")):
            return self.resolve_filename(str(self._folder / Path(urlsplit(system_url).path).name), context)
        return None


def faults(document: bytes, schema: Path) -> list[str]:
    """What the schema finds wrong in a document, line by line; empty when it is valid."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_SameFolder(schema.parent))
    compiled = etree.XMLSchema(etree.parse(str(schema), parser))
    compiled.validate(backend.parse(document))
    return [f"{error.line}: {error.message}" for error in compiled.error_log]
