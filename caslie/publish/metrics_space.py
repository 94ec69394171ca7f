"""The Space that holds the measures of Table 2, for `evaluate.load("user/name", "sr")`."""

import re
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from caslie.errors import PushError
from caslie.metrics import MEASURES, Measure, score

# evaluate imports <name>.py by a dotted path: a dot in the name would cut it in two.
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/([A-Za-z0-9][A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class _Example:
    """A call that card, page and module show, with what it returns."""

    references: list[str]
    predictions: list[str | None]

    @property
    def scores(self) -> dict[str, float]:
        return score("sr", self.references, self.predictions).flat()


def metrics_space(repository: str) -> dict[str, bytes]:
    """Render every file of the Space `user/name`, by path: the module, the measures, the card and a page.

    Raises:
        PushError: `evaluate` could not load a module of that name.
    """
    name = _module_name(repository)
    values = {
        "repository": repository,
        "title": re.sub("[_-]+", " ", name).strip(),
        "measures": MEASURES,
        "tasks": ", ".join(measure.abbr for measure in MEASURES),
        "example": _Example(["A", "B", "C", "D"], ["A", "B", "B", None]),
        "citation": _asset("space/citation.bib").decode().rstrip(),
    }
    templates = _templates()
    rendered = {
        path: templates.get_template(template).render(values).encode()
        for path, template in (
            ("README.md", "README.md.jinja"),
            ("index.html", "index.html.jinja"),
            (f"{name}.py", "module.py.jinja"),
        )
    }
    return rendered | {"scores.py": _asset("scores.py")}


def _module_name(repository: str) -> str:
    """Cut off the user: `evaluate` expects a module of the repository's own name."""
    found = _REPOSITORY.fullmatch(repository)
    if found is None:
        raise PushError(
            f"{repository!r} cannot hold metrics: evaluate imports a module of the repository's name. Give the user, "
            "a slash, and a name of letters, digits, '_' and '-' only, such as user/mmecinstruct_metrics"
        )
    # Where file names ignore case, Scores.py is scores.py.
    if found[1].lower() == "scores":
        raise PushError(f"{repository!r} cannot hold metrics: scores.py beside the module is taken. Give another name")
    return found[1]


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("caslie.metrics", "space"),
        undefined=StrictUndefined,
        autoescape=lambda template: template is not None and template.endswith(".html.jinja"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["answers"] = _answers
    return environment


def _answers(measure: Measure) -> str:
    """Name the answers of a task in a few words."""
    first, *_, last = measure.answers
    return f"{first} to {last}" if len(measure.answers) > 2 else f"{first} or {last}"


def _asset(path: str) -> bytes:
    return files("caslie.metrics").joinpath(path).read_bytes()
