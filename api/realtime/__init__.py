import sys

if "requests" not in sys.modules:
    # Development has it. The library's blocking client would import it with 4 MB; its server has no use for it.
    sys.modules["requests"] = None  # type: ignore[assignment]
    import engineio.client  # noqa: F401

    del sys.modules["requests"]
