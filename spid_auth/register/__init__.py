"""The register of logins: read with a reason, judged again, kept as long as the law wants, then let go."""
