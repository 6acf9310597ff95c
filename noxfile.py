"""Development sessions: `uv run nox -s tests`, `lint`, `types`, `bench`. Versions come from pyproject.toml."""

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["tests", "lint", "types"]
nox.options.reuse_existing_virtualenvs = True


def sync(session: nox.Session, *arguments: str) -> None:
    """Fill the session's environment through `uv sync`, under the workspace's version constraints."""
    session.run_install("uv", "sync", *arguments, env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location})


@nox.session
def tests(session: nox.Session) -> None:
    """Every test; pass a path or -k after `--` for one of them."""
    sync(session, "--no-default-groups", "--group=test")
    session.run("pytest", *session.posargs, env={"OMP_WAIT_POLICY": "PASSIVE"})


@nox.session
def lint(session: nox.Session) -> None:
    """ruff: rules and formatting."""
    sync(session, "--only-group=lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy in strict mode on both source trees."""
    sync(session, "--no-default-groups", "--group=types")
    session.run("mypy")


@nox.session
def bench(session: nox.Session) -> None:
    """pytest-benchmark on benchmarks/: ratios within one run are what counts."""
    sync(session, "--no-default-groups", "--group=test")
    session.run("pytest", "benchmarks", "--benchmark-only", *session.posargs)
