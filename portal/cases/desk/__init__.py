"""The office's side in the admin: the work queue and the page of a case."""
