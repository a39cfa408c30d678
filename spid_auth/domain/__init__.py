"""Pure rules of the login."""
