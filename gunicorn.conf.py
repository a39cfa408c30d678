"""Settings of the web server, read from the folder it starts in. What its command line says comes before them."""

# The access log is off unless `--access-logfile` asks for it. A line never has the query (searches of the office name
# people) nor the address of the page before, which would repeat it.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(L)s'
