"""Money of payments outside pagoPA that went back has a code of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments_reconciliation", "0022_outside_credits_follow_the_journal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="verdict",
            name="code",
            field=models.CharField(
                choices=[
                    ("reconciled", "Riconciliato"),
                    ("reported", "Rendicontato"),
                    ("collected", "Riscosso"),
                    ("flow_totals_mismatch", "Totali del flusso incoerenti"),
                    ("flow_without_treasury", "Rendicontazione senza riversamento"),
                    ("treasury_amount_differs", "Riversamento di importo diverso"),
                    ("treasury_without_flow", "Riversamento senza rendicontazione"),
                    ("remittance_unreadable", "Causale illeggibile"),
                    ("outside_taken_back", "Pagamento fuori da pagoPA tornato indietro"),
                    ("journal_gap", "Giornale mancante"),
                    ("journal_incomplete", "Giornale incompleto"),
                    ("receipt_without_flow", "Ricevuta non rendicontata"),
                    ("flow_without_receipt", "Rendicontato senza ricevuta"),
                    ("paid_without_receipt", "Pagato senza RPT"),
                    ("receipt_amount_differs", "Importi diversi"),
                    ("revoked", "Revocato"),
                    ("no_position", "Posizione sconosciuta"),
                    ("duplicate_payment", "Pagamento doppio"),
                    ("duplicate_on_act", "Doppio sullo stesso verbale"),
                    ("paid_less_than_due", "Pagato meno del dovuto"),
                    ("paid_after_cancel", "Pagato dopo l'annullamento"),
                    ("other_intermediary", "Altro intermediario"),
                    ("treasury_not_pagopa", "Provvisorio non pagoPA"),
                    ("already_regularised", "Provvisorio già regolarizzato"),
                    ("reversed", "Stornato"),
                ],
                max_length=24,
                verbose_name="esito",
            ),
        ),
    ]
