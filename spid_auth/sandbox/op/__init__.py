"""A test OpenID Connect provider, served by `manage.py sandbox`. It never exists in production."""
