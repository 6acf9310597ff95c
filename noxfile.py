"""Development sessions: `uv run nox -s tests`, `lint`, `types`, `bench`, ... Versions come from pyproject.toml."""

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["tests", "lint", "types"]
nox.options.reuse_existing_virtualenvs = True


# Two processes of one thread do more than one of two threads; what a child process compiles is kept for the next.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": None}


def sync(session: nox.Session, *arguments: str) -> None:
    """Fill the session's environment through `uv sync`, under the workspace's version constraints."""
    session.run_install("uv", "sync", *arguments, env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location})


@nox.session
def tests(session: nox.Session) -> None:
    """Every test; pass a path or -k after `--` for one of them."""
    sync(session, "--no-default-groups", "--group=test")
    session.run("pytest", *(session.posargs or ["-n", "2"]), env=ONE_THREAD)


@nox.session
def faults(session: nox.Session) -> None:
    """docs/faults.md: 24 kills of trainings, 1000 spoilt files a parser, 200 runs in one process; not timed."""
    sync(session, "--no-default-groups", "--group=test")
    many = {"VISGEN_KILLS": "24", "VISGEN_EXAMPLES": "1000", "VISGEN_SOAK": "200"}
    ours = "packages/visgen-train/tests"
    places = [f"{ours}/faults", f"{ours}/training/test_stage.py", f"{ours}/training/test_resume.py"]
    places += ["packages/sgt-dna/tests/test_storage_faults.py"]
    session.run("pytest", "-s", *(session.posargs or places), env={**ONE_THREAD, **many})


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
def build(session: nox.Session) -> None:
    """Both packages into dist/, as they will be published, tried in clean environments; `-- 3.12 lowest` tries one."""
    sync(session, "--only-group=build")
    session.run("python", "tools/packages.py", *session.posargs, env=ONE_THREAD)


@nox.session
def bench(session: nox.Session) -> None:
    """The table of docs/benchmarks.md, ratios within one run; names of sections after `--` for some of its rows."""
    sync(session, "--no-default-groups", "--group=bench")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def instrument(session: nox.Session) -> None:
    """The tables of docs/evidence.md on simulated sets; `--out FOLDER` and more after `--`. Takes about an hour."""
    sync(session, "--no-default-groups", "--group=test")
    session.run("python", "benchmarks/instrument.py", *(session.posargs or ["--out", "instrument-sets"]))


@nox.session
def notebooks(session: nox.Session) -> None:
    """Run what pages and notebooks show, or those named after `--`; what a notebook shows is stored in it."""
    sync(session, "--no-default-groups", "--group=notebooks")
    named = [word for word in session.posargs if word.endswith(".ipynb")]
    pages = [word for word in session.posargs if word not in named]
    if pages or not named:
        session.run("python", "docs/run_pages.py", *pages, env=ONE_THREAD)
    if named or not pages:
        session.run("python", "docs/run_notebooks.py", *named, env=ONE_THREAD)


@nox.session
def docs(session: nox.Session) -> None:
    """The site of docs/ into docs/_build/html; a link that leads nowhere, or any other warning, is an error."""
    sync(session, "--no-default-groups", "--group=docs")
    places = ["docs", "docs/_build/html", "-d", "docs/_build/doctrees"]
    session.run("sphinx-build", "-W", "--keep-going", "-q", *session.posargs, *places, env=ONE_THREAD)


@nox.session
def fuzz(session: nox.Session) -> None:
    """atheris on the FASTA reader, for so many seconds after `--`; Linux on x86-64, Python up to 3.13."""
    sync(session, "--no-default-groups", "--group=fuzz")
    seconds = session.posargs[0] if session.posargs else "600"
    package = "packages/sgt-dna"
    session.run(
        "python",
        f"{package}/fuzz/fuzz_fasta.py",
        f"-max_total_time={seconds}",
        "-max_len=4096",
        f"-dict={package}/fuzz/fasta.dict",
        f"-artifact_prefix={package}/tests/corpus/",
        "-print_final_stats=1",
        session.create_tmp(),  # inputs that reach new code are written to the first folder
        f"{package}/tests/corpus",
    )
