"""Pure rules of payments: codes, states, texts of the notice. No Django, no I/O."""
