"""Operations: everything a user can do, once, for all channels. They never import a channel."""
