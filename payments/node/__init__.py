"""The pagoPA station: what the node asks us and what we answer (SOAP 1.1, paForNode)."""
