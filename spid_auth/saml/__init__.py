"""SAML as SPID wants it: documents built and judged, with no database and no web framework."""
