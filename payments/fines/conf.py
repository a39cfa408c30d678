"""Settings of fines, with the defaults of the demonstration."""

# A year of fines of a large body is some fifteen megabytes. The portal's own forms take ten: larger files come by
# the command `fines_import`.
MOST_BYTES = 64 * 1024 * 1024
MOST_UPLOAD_BYTES = 10 * 1024 * 1024
# Rows written together: some ten thousand rows of the tables of payments.
BATCH = 2000

# Kinds of debt of a fine: the sanction, and what the body spent to serve it. Registered for each body (Tipi di dovuto).
SANCTION_KIND = "CDS_SANZIONE"
COSTS_KIND = "CDS_SPESE"
HANDLER = "fines.settled"
# The office whose people work on fines (portal.entities.Office.code).
OFFICE = "fines"
# How the source of a difference begins, and who hears that it was paid: nobody waits for it.
REST = "fine-rest"
REST_HANDLER = "payments.nobody_waits"
