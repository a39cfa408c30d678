"""How days and times are written where a page does not say it: see FORMAT_MODULE_PATH."""
