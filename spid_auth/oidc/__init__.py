"""Login through one OpenID Connect provider that stands for many systems, such as ARPA of Regione Toscana.

It ends where SPID ends: the same register, the same identities, the same session. allauth's OpenID Connect client
writes the request and holds the secret of PKCE in the browser's session (`flow`); the answer is judged here (`rules`),
and nothing of allauth's own accounts is used.
"""
