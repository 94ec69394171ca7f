"""Which rows a run is fused from: those that its own judges wrote, or the recipe's dataset."""

from caslie.datasets import open_dataset
from caslie.errors import StageError
from caslie.fusion.weaving import refuse_uncaptioned
from caslie.recipe import Recipe
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder


def open_source(recipe: Recipe) -> Folder:
    """Open what is to be fused.

    Raises:
        StageError: its captions are missing, or were made by another captioner, lineup or from another dataset.
        OutputError: the dataset cannot be had.
    """
    own = recipe.run_dir / "dataset"
    given = open_dataset(recipe.dataset, recipe.revision)
    if recipe.variant == "text":
        return given
    folder = open_dataset(str(own)) if own.is_dir() else given
    refuse_uncaptioned(folder, recipe.variant, recipe.name)
    if content_digest(folder) != content_digest(given):
        raise StageError(f"{folder.out}: captioned from another dataset; run `caslie judge {recipe.name}`")
    _refuse_other(folder, recipe)
    return folder


def _refuse_other(folder: Folder, recipe: Recipe) -> None:
    about = folder.manifest["captions"]
    said = {
        "captioner": (str(about["captioner"]).partition("@")[0], recipe.ec3.model.uri.partition("@")[0]),
        "context": (about["context"], recipe.ec3.context),
    }
    if recipe.variant == "caslie":
        said["lineup"] = about["lineup"], recipe.lineup
    for what, (then, now) in said.items():
        if then != now:
            raise StageError(
                f"{folder.out}: captioned with another {what}: {then} there, {now} in the recipe;"
                f" take that one, or a dataset without captions and run `caslie judge {recipe.name}`"
            )
