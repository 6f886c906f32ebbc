"""`make bench`: speed and cost of the service, measured on a running process over real connections."""
