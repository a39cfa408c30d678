"""How a body takes part in the federation: on its own account, or through an aggregator or an operator. Pure.

Source: AgID notice 19 v4 (aggregators); the activity code is part of the entityID.
"""

from enum import StrEnum


class Mode(StrEnum):
    DIRECT = "direct"
    AGGREGATED_FULL = "pub-ag-full"
    AGGREGATED_LIGHT = "pub-ag-lite"
    OPERATOR_FULL = "pub-op-full"
    OPERATOR_LIGHT = "pub-op-lite"


AGGREGATED = frozenset({Mode.AGGREGATED_FULL, Mode.AGGREGATED_LIGHT})
OPERATED = frozenset({Mode.OPERATOR_FULL, Mode.OPERATOR_LIGHT})

# The empty element that names the activity in the metadata.
ACTIVITY_TAGS = {
    Mode.AGGREGATED_FULL: "PublicServicesFullAggregator",
    Mode.AGGREGATED_LIGHT: "PublicServicesLightAggregator",
    Mode.OPERATOR_FULL: "PublicServicesFullOperator",
    Mode.OPERATOR_LIGHT: "PublicServicesLightOperator",
}
