"""A test identity provider, served by `manage.py sandbox`. It never exists in production."""
