"""Italian: short, so that the lists of the office stay narrow."""

DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "d/m/Y H:i"
