"""The store: the only code that talks to MongoDB and to the host of the photos. Domain objects in and out."""
