"""Stores: the only code that talks to MongoDB and to the photo host. They take and return domain objects."""
