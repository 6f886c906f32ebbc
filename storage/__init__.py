"""Stores: the only code that talks to MongoDB and to the photo host. They take and return domain objects."""

import sys

# The driver would import cryptography's certificates, 1.6 MB, on its way to PyOpenSSL, which its blocking client alone
# uses for TLS. This module of it counts as missing, as where PyOpenSSL is not installed.
sys.modules.setdefault("pymongo.pyopenssl_context", None)  # type: ignore[arg-type]
