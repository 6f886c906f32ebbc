"""The lines that `run` prints once it is up: addresses, embedded parts, and the settings that replace them."""

from __future__ import annotations

from skillswap.bootstrap import Service


def welcome(service: Service, *, seconds: float) -> str:
    """Return the lines for a terminal."""
    lines = ["", f"Skill Swap is ready ({service.role}, {seconds:.1f} s). Ctrl-C stops it.", ""]
    for name, value in _places(service):
        lines.append(f"  {name:<10}{value}")
    stand_ins = _stand_ins(service)
    if stand_ins:
        lines += ["", "Embedded, because nothing else is configured (.env.example explains):", ""]
        lines += [f"  {what:<44}{variable}" for what, variable in stand_ins]
    return "\n".join([*lines, ""])


def _places(service: Service) -> list[tuple[str, str]]:
    places: list[tuple[str, str]] = []
    if service.sandbox_page:
        places.append(("Telegram", f"{service.sandbox_page}   try the bot here, as any number of people"))
    if service.address:
        places.append(("Web", f"{service.address}/"))
        places.append(("API", f"{service.address}/docs   description: {service.address}/openapi.json"))
        places.append(("Health", f"{service.address}/readyz"))
    return places


def _stand_ins(service: Service) -> list[tuple[str, str]]:
    settings = service.settings
    stand_ins: list[tuple[str, str]] = []
    if service.mongo is not None:
        whose = "" if service.mongo.owned else f", of process {service.mongo.owner_pid}"
        stand_ins.append((f"MongoDB {service.mongo.version} in {settings.data_dir.name}/{whose}", "MONGODB_URI"))
    if settings.cloudinary_cloud_name is None:
        stand_ins.append(("photos kept in the database", "CLOUDINARY_CLOUD_NAME, …_API_KEY, …_API_SECRET"))
    if service.sandbox is not None:
        stand_ins.append(("a Telegram of our own, on this machine only", "TELEGRAM_BOT_TOKEN"))
    if settings.nextauth_secret is None:
        stand_ins.append((f"a session secret in {settings.data_dir.name}/", "NEXTAUTH_SECRET"))
    return stand_ins
