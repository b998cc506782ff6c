"""The command that serves: the page, reading and predictions over HTTP."""

import json
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistry.cli.checks import expect_not_given
from mnistry.cli.output import echo
from mnistry.cli.values import COUNT, PORT, PROCESSES, SECONDS, FilePath
from mnistry.extras import require

if TYPE_CHECKING:
    from mnistry.web.service.limits import Limits

TOKEN = "MNISTRY_TOKEN"  # noqa: S105 - the variable's name

PART = r"(\[[0-9a-f:.]+\]|[^\s/:@?#\[\]]+)(:[0-9]+)?"  # a host, perhaps its port


def _expect_names(
    _context: click.Context, _option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(PART, name, re.IGNORECASE):
            message = (
                f"{name!r} is not a host name; expected one such as digits.example.com"
            )
            raise click.BadParameter(message)
    return tuple(name.lower() for name in names)


def _expect_origins(
    _context: click.Context, _option: click.Parameter, origins: tuple[str, ...]
) -> tuple[str, ...]:
    for origin in origins:
        if not re.fullmatch(f"https?://{PART}", origin, re.IGNORECASE):
            message = (
                f"{origin!r} is not an origin; expected one such as https://example.com"
            )
            raise click.BadParameter(message)
    return tuple(origin.lower() for origin in origins)


@click.command(
    name="serve",
    epilog="Example:  mnistry serve --port 8000",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--port",
    type=PORT,
    default=8000,
    show_default=True,
    help="Port; 0 for any free one.",
)
@click.option(
    "--workers",
    type=PROCESSES,
    help="Number of reading processes. Default: one per usable core.",
)
@click.option(
    "--model",
    type=FilePath(exists=True, dir_okay=False, path_type=Path),
    help="A model to use in place of the packaged one.",
)
@click.option("--open", "is_open", is_flag=True, help="Require no token.")
@click.option(
    "--name",
    "names",
    multiple=True,
    callback=_expect_names,
    help="Public name of a proxy in front, such as digits.example.com.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    callback=_expect_origins,
    help="Another site whose pages may send requests, such as https://example.com.",
)
@click.option(
    "--queue",
    type=COUNT,
    default=64,
    show_default=True,
    help="Maximum number of waiting requests.",
)
@click.option(
    "--body-mb",
    type=COUNT,
    default=32,
    show_default=True,
    help="Maximum size of a request, in megabytes.",
)
@click.option(
    "--files",
    type=COUNT,
    default=100,
    show_default=True,
    help="Maximum number of files in a request.",
)
@click.option(
    "--pages",
    type=COUNT,
    default=50,
    show_default=True,
    help="Maximum number of pages of a PDF or TIFF file.",
)
@click.option(
    "--megapixels",
    type=COUNT,
    default=50,
    show_default=True,
    help="Maximum size of a picture, in megapixels.",
)
@click.option(
    "--seconds",
    type=SECONDS,
    default=30.0,
    show_default=True,
    help="Maximum time for one page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def serve_command(
    *,
    host: str,
    port: int,
    workers: int | None,
    model: Path | None,
    is_open: bool,
    names: tuple[str, ...],
    origins: tuple[str, ...],
    as_json: bool,
    **limits: Any,
) -> None:
    """Serve the page, reading of files, and predictions over HTTP.

    Nothing that is sent is stored. If other machines may ask (--host), requests need a
    token: that of the variable MNISTRY_TOKEN, or one that is generated and printed;
    --open requires none. The address is printed once requests are answered;
    /openapi.json describes them.
    """
    if os.environ.get(TOKEN):
        advice = "Unset that variable, or leave the option out."
        expect_not_given(["is_open"], f"while {TOKEN} is set", advice)
    require("httptools", extra="serve")  # of uvicorn: it would do without
    for module in ("uvicorn", "starlette", "python_multipart", "prometheus_client"):
        require(module, extra="serve")
    from mnistry.cores import usable_cores
    from mnistry.web.service.app import Settings
    from mnistry.web.service.run import LOOPBACK, listen, run

    listening = listen(host, port)  # before a token is printed
    settings = Settings(
        workers=workers or usable_cores(),
        limits=_limits(**limits),
        token=_token(host, is_open=is_open),
        hosts=(*LOOPBACK, "[::1]") if host in LOOPBACK else (),
        names=names,
        origins=origins,
        model_path=str(model) if model else None,
        page=_page(model),
    )

    def announce(address: str) -> None:
        echo(json.dumps({"address": address}) if as_json else address)

    run(settings, listening, announce)


def _limits(
    *, queue: int, body_mb: int, files: int, pages: int, megapixels: int, seconds: float
) -> "Limits":
    from mnistry.web.service.limits import Limits

    return Limits(
        queue=queue,
        body_bytes=body_mb << 20,
        files=files,
        pages=pages,
        pixels=megapixels * 1_000_000,
        job_seconds=seconds,
    )


def _token(host: str, *, is_open: bool) -> str:
    """Return the token that requests must bear; beyond this machine one is made."""
    from mnistry.web.service.run import LOOPBACK

    token = os.environ.get(TOKEN, "")
    if token or is_open or host in LOOPBACK:
        return token
    token = secrets.token_urlsafe()
    echo(f"token: {token}", err=True)
    return token


def _page(model: Path | None) -> bytes:
    """Return the page that `/` serves; none where it cannot run the model."""
    from mnistry.errors import MissingExtraError, UsageError
    from mnistry.models.packaged import load_model
    from mnistry.web.page.render import render

    try:
        return render(load_model(model), served=True).encode()
    except (MissingExtraError, UsageError) as error:
        echo(f"no page at /: {error}", err=True)
        return b""
