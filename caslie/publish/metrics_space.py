"""The Space that holds the measures of Table 2, for `evaluate.load("user/name", "sr")`, and the same as a folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from caslie.errors import PushError
from caslie.metrics import MEASURES, Measure, measure, score

# evaluate imports <name>.py by a dotted path: a dot in the name would cut it in two.
_NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
_REPOSITORY = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]*/({_NAME})")
_IMPORTED = ("scores", "evaluate", "datasets")  # by the module itself, which evaluate refuses to name alike


@dataclass(frozen=True, slots=True)
class _Example:
    """A call that card, page and module show, with what it returns."""

    load: str
    measure: Measure

    @property
    def references(self) -> list[str]:
        return [self.measure.answers[row % len(self.measure.answers)] for row in range(4)]

    @property
    def predictions(self) -> list[str | None]:
        return [*self.references[:2], self.references[1], None]

    @property
    def scores(self) -> dict[str, float]:
        return score(self.measure.abbr, self.references, self.predictions).flat()


def metrics_space(repository: str) -> dict[str, bytes]:
    """Render every file of the Space `user/name`, by path: the module, the measures, the card and a page.

    Raises:
        PushError: `evaluate` could not load a module of that name.
    """
    name = _module_name(repository)
    pages = {"README.md": "README.md.jinja", "index.html": "index.html.jinja", f"{name}.py": "module.py.jinja"}
    return _rendered(pages, repository) | {"scores.py": _asset("scores.py")}


def metrics_folder(name: str) -> dict[str, bytes]:
    """Render a folder of that name, by path: the module, the measures, and a folder a task with a module of its own.

    A module takes along what lies beside it and nothing from above, so each task has its copy of the measures.

    Raises:
        PushError: `evaluate` could not load a module of that name.
    """
    _refuse_folder(name)
    scores = {"scores.py": _asset("scores.py")}
    found = _rendered({"README.md": "folder.md.jinja", f"{name}.py": "module.py.jinja"}, name) | scores
    for task in MEASURES:
        own = _rendered({f"{task.abbr}.py": "module.py.jinja"}, name, task) | scores
        found |= {f"{task.abbr}/{path}": content for path, content in own.items()}
    return found


def _rendered(pages: Mapping[str, str], repository: str, task: Measure | None = None) -> dict[str, bytes]:
    """Render pages, by path; those of one task's own module, or those of all."""
    load = f'evaluate.load("{repository}/{task.abbr}")' if task else f'evaluate.load("{repository}", "sr")'
    values = {
        "title": re.sub("[_-]+", " ", repository.rpartition("/")[2]).strip(),
        "measures": MEASURES,
        "task": task,
        "tasks": ", ".join(one.abbr for one in MEASURES),
        "repository": repository,
        "example": _Example(load, task or measure("sr")),
        "citation": _asset("space/citation.bib").decode().rstrip(),
    }
    templates = _templates()
    return {path: templates.get_template(template).render(values).encode() for path, template in pages.items()}


def _refuse_folder(name: str) -> None:
    if re.fullmatch(_NAME, name) is None:
        raise PushError(
            f"a folder named {name!r} cannot hold metrics: evaluate imports a module of the folder's name. Give it "
            "one of letters, digits, '_' and '-' only, such as metrics"
        )
    if name.lower() in _IMPORTED:
        raise PushError(f"a folder named {name!r} cannot hold metrics: its module imports {name.lower()}. Rename it")


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
