"""Rules of fines for the highway code. Pure."""
