"""The printed notice (avviso di pagamento analogico): captions, geometry, PDF."""
