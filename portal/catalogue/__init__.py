"""The catalogue of services. Plugs register their cards: `from portal.catalogue import cards; cards.register(...)`."""
