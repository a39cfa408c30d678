"""`make conformance-spid`: AgID's own checker, spid-sp-test, against the portal running for real."""
