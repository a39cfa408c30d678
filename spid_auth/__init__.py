"""SPID: the portal as a service provider of the public digital identity system."""
