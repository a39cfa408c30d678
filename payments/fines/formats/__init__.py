"""Files of the back office."""
