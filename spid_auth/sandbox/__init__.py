"""A test identity provider with three faces (SPID, CIE, eIDAS), served by `manage.py sandbox`. Never in production."""
