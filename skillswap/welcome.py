"""The lines that `run` prints once it is up: addresses, embedded parts, and the settings that replace them."""

from __future__ import annotations

from skillswap.bootstrap import Service


def welcome(service: Service, *, seconds: float) -> str:
    """Return the lines for a terminal."""
    lines = ["", f"Skill Swap is ready ({service.role}, {seconds:.1f} s). Ctrl-C stops it.", ""]
    for name, value in _addresses(service):
        lines.append(f"  {name:<10}{value}")
    embedded = _embedded_parts(service)
    if embedded:
        lines += ["", "Embedded, because nothing else is configured (.env.example explains):", ""]
        lines += [f"  {what:<44}{variable}" for what, variable in embedded]
    return "\n".join([*lines, ""])


def _addresses(service: Service) -> list[tuple[str, str]]:
    addresses: list[tuple[str, str]] = []
    if service.sandbox_page:
        addresses.append(("Telegram", f"{service.sandbox_page}   try the bot here, as any number of people"))
    elif service.bot is not None and service.bot.address is not None:
        addresses.append(("Telegram", service.bot.address))
    if service.address:
        addresses.append(("Web", f"{service.address}/"))
        addresses.append(("API", f"{service.address}/docs   description: {service.address}/openapi.json"))
        addresses.append(("Health", f"{service.address}/readyz"))
    return addresses


def _embedded_parts(service: Service) -> list[tuple[str, str]]:
    settings = service.settings
    embedded: list[tuple[str, str]] = []
    if service.mongo is not None:
        whose = "" if service.mongo.owned else f", of process {service.mongo.owner_pid}"
        embedded.append((f"MongoDB {service.mongo.version} in {settings.data_dir.name}/{whose}", "MONGODB_URI"))
    if settings.cloudinary_cloud_name is None:
        embedded.append(("photos kept in the database", "CLOUDINARY_CLOUD_NAME, …_API_KEY, …_API_SECRET"))
    if service.sandbox is not None:
        embedded.append(("the Bot API sandbox, on this machine only", "TELEGRAM_BOT_TOKEN"))
    if settings.nextauth_secret is None:
        embedded.append((f"a session secret in {settings.data_dir.name}/", "NEXTAUTH_SECRET"))
    return embedded
