"""The command `segweb`: its group, and how every end becomes an exit code."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from .. import __version__
from ..errors import SegwebError
from . import account, datasets, images, news
from .session import Session, complain

_INTERRUPTED = 130
# As of a program that SIGPIPE ended.
_NO_READER = 141

EXIT_CODES = """\b
Exit codes:
  0  all was done
  1  some files or objects were refused; the rest was done
  2  usage: an option, a value or an input file that cannot be taken
  3  not signed in, or the token may not do this
  4  there is no such project, image or job
  5  the server cannot be reached, is too busy, or fails
  6  the work failed: a job ended as Failed, a file cannot be written
  130  stopped by Ctrl+C
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.option("--url", envvar="SEGWEB_URL", show_envvar=True, help="The server's address.")
@click.option("--token", envvar="SEGWEB_TOKEN", show_envvar=True, help="The API token.")
@click.option(
    "--retries", default=6, show_default=True, type=click.IntRange(0, 100),
    help="How often a request is sent again while the server is away or too busy.",
)  # fmt: skip
@click.option(
    "--timeout", default=60.0, show_default=True, type=click.FloatRange(0.1, 3600),
    help="Seconds that the server may stay silent.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say more, also why requests are sent again.")
@click.version_option(__version__, prog_name="segweb")
@click.pass_context
def cli(context: click.Context, /, **options: Any) -> None:
    """Images, masks and datasets on a segweb server.

    Sign in once with `segweb login`, or set SEGWEB_URL and SEGWEB_TOKEN.
    """
    context.obj = Session(**options)


for command in (
    account.login, account.logout, account.projects, images.upload, images.segment,
    datasets.export, datasets.import_, news.watch,
):  # fmt: skip
    cli.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit code. Says what is wrong, never with a traceback unless -v."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    verbose = bool({"-v", "--verbose"} & set(given))
    try:
        code = cli.main(given, prog_name="segweb", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.Abort:
        complain("Stopped.")
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return 2
    except SegwebError as error:
        if verbose:
            _explain(error)
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        # Nobody reads any more; the interpreter must not try to flush at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except OSError as error:
        complain(f"{error.filename or 'A file'}: {error.strerror or error}.")
        return SegwebError.exit_code
    except Exception as error:
        if verbose:
            _explain(error)
        complain(f"This should not happen ({type(error).__name__}: {error}); -v tells more.")
        return SegwebError.exit_code


def _explain(error: BaseException) -> None:
    details = [f"{name}={value!r}" for name in ("status", "code", "field")
               if (value := getattr(error, name, None))]  # fmt: skip
    click.echo("".join(traceback.format_exception(error)) + " ".join(details), err=True)


def _end(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def main() -> NoReturn:
    """The entry point of the command `segweb`."""
    signal.signal(signal.SIGTERM, _end)
    code = run()
    if code == _INTERRUPTED:
        # Uploads in other threads may wait a minute for their answers; nobody waits for them.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
