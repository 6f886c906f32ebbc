"""The operations: everything a person can do, once, for both doors. They never import a door."""
