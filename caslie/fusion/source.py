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
    if recipe.variant == "text" or not own.is_dir():
        folder = open_dataset(recipe.dataset, recipe.revision)
        refuse_uncaptioned(folder, recipe.variant, recipe.name)
        return folder
    folder = open_dataset(str(own))
    refuse_uncaptioned(folder, recipe.variant, recipe.name)
    _refuse_other(folder, recipe)
    return folder


def _refuse_other(folder: Folder, recipe: Recipe) -> None:
    about = folder.manifest["captions"]
    model = recipe.ec3.model.uri.partition("@")[0]
    said = {
        "captioner": (str(about["captioner"]).partition("@")[0], model),
        "context": (about["context"], recipe.ec3.context),
        "dataset": (about["source"], content_digest(open_dataset(recipe.dataset, recipe.revision))),
    }
    if recipe.variant == "caslie":
        said["lineup"] = about["lineup"], recipe.lineup
    for what, (then, now) in said.items():
        if then != now:
            raise StageError(
                f"{folder.out}: captioned with another {what}: {then} then, {now} now;"
                f" run `caslie judge {recipe.name}`"
            )
