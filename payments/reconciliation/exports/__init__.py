"""Files for accounting systems: one module for each layout, listed in `layouts`."""
