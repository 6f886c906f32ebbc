"""The token of the sandbox's bot, alone: a process that only links to the sandbox does not import it."""

TOKEN = "7000000001:SANDBOX-no-secret-local-use-only-00"  # noqa: S105 - known to everybody, good for nothing else
