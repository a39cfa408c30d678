"""Every write of fines."""
