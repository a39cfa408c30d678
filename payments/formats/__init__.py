"""Documents of strangers that payments read: hardened XML, and the digital stamp."""
