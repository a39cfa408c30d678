"""The application in seven steps, one address each. Answers live in the draft as they were typed."""
