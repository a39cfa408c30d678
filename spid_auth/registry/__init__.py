"""The registry of identity providers: read, verified, compared with ours, applied with caution."""
