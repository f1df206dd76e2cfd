"""The gateway: sign-in, REST and web pages in front of the services. It knows nothing of matching."""
