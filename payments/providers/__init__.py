"""Who shows our positions to pagoPA: our own station, PagoPA's archive (GPD), the Region's IRIS."""
