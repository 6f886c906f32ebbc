"""The mail channel: deliveries that go out by mail."""
