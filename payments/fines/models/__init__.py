"""Tables of fines for the highway code."""

from payments.fines.models.acts import DriverData, Fine
from payments.fines.models.files import FileKind, FineFile, FineImport
from payments.fines.models.notices import ReadyNotice
from payments.fines.models.rests import FineRest

__all__ = ["DriverData", "FileKind", "Fine", "FineFile", "FineImport", "FineRest", "ReadyNotice"]
