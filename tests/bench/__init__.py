"""`make bench`: what the service costs and how fast it is, measured on a running service over real connections."""
