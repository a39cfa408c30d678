"""Ready-made examples of everything payments can show, for the demonstration only."""
