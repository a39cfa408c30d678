"""PostgreSQL and Redis out of wheels, for machines where nothing is installed.

The rule: a server starts at the first connection of any process, is shared by all the processes of this checkout,
and is stopped by a small keeper two seconds after the last of them has gone, however it went. A process counts
because it holds a shared lock on a file: the kernel lets go of it even when the process is killed.
Never used in production, where DATABASE_URL and REDIS_URL are required.
"""
