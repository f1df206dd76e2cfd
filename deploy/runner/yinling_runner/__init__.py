"""The `yinling` command: everything on one machine, and a client for the REST API."""
