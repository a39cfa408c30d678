"""Tables of the room, by what they know."""

from exceptional_transport.models.application import Application, ApplicationAxle, ApplicationVehicle, RouteLeg
from exceptional_transport.models.fees import FeeRate, WearBracket, WearTable
from exceptional_transport.models.fleet import FleetAxle, Vehicle
from exceptional_transport.models.law import LegalFigure
from exceptional_transport.models.network import Municipality, NetworkVersion, RoadSection, Structure
from exceptional_transport.models.permit import Permit, PermitEvent

__all__ = [
    "Application",
    "ApplicationAxle",
    "ApplicationVehicle",
    "FeeRate",
    "FleetAxle",
    "LegalFigure",
    "Municipality",
    "NetworkVersion",
    "Permit",
    "PermitEvent",
    "RoadSection",
    "RouteLeg",
    "Structure",
    "Vehicle",
    "WearBracket",
    "WearTable",
]
