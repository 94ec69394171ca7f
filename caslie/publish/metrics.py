"""The measures as an artifact: a Space whose module `evaluate.load` takes, loaded back and compared on one table."""

from collections.abc import Callable, Mapping

from caslie.errors import PushError
from caslie.metrics import MEASURES, score
from caslie.publish.artifact import Content, Published, RepoType
from caslie.publish.metrics_space import metrics_space


class MetricsSpace:
    """What `evaluate.load("user/name", "sr")` loads.

    Raises:
        PushError: `evaluate` could not load a module of that name.
    """

    repo_type: RepoType = "space"
    space_sdk = "static"
    notes = ()

    def __init__(self, repository: str) -> None:
        self._files = metrics_space(repository)

    def files(self) -> Mapping[str, Content]:
        """The module, the measures, the card and a page."""
        return self._files

    def owns(self, path: str) -> bool:
        """Tell whether a file is of an earlier release: only what this one has too."""
        return path in self._files

    def settle(self) -> None:
        """Nothing is kept here: all of it comes from the package."""

    def fetch(self) -> None:
        """Nothing else is needed."""

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        """Load each measure with `evaluate` and compare what it computes with our own function."""
        try:
            import evaluate
        except ImportError:
            return 'the files are the same; they were not run, since evaluate is not installed: pip install ".[eval]"'
        # Its bars would run into ours.
        evaluate.utils.disable_progress_bar()
        for n, measure in enumerate(MEASURES, 1):
            right = list(measure.answers)[:4]
            answered = [*right[1:], None]
            module = evaluate.load(published.repository, measure.abbr, revision=published.commit)
            computed = module.compute(references=right, predictions=answered)
            if computed != score(measure.abbr, right, answered).flat():
                raise PushError(f"{measure.abbr}: the measure on the Hub computes something else than ours")
            progress("loading back", n, len(MEASURES))
        return f"{len(MEASURES)} measures loaded back with evaluate, equal"
