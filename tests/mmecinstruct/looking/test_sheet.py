"""The contact sheet: a few samples as one picture."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError
from mmecinstruct.looking import contact_sheet

GREEN = (10, 125, 51)


def n_green(path: Path) -> int:
    with Image.open(path) as image:
        return sum(n for n, colour in image.getcolors(1 << 24) or [] if colour == GREEN)


@pytest.mark.parametrize("config", ["ap_ind", "cc_ind", "prp_ind", "psi_ind", "sa_ind", "sr_ind"])
def test_a_sheet_of_every_task_is_a_png_of_1600_pixels(small_build: Folder, tmp_path: Path, config: str) -> None:
    path = contact_sheet(small_build, config, 2, tmp_path / "sheet.png")
    with Image.open(path) as image:
        assert (image.format, image.width) == ("PNG", 1600)
        assert 300 < image.height < 3000


def test_only_one_option_of_a_row_is_framed(small_build: Folder, tmp_path: Path) -> None:
    framed = n_green(contact_sheet(small_build, "sr_ind", 1, tmp_path / "sr.png"))
    words = n_green(contact_sheet(small_build, "prp_ind", 1, tmp_path / "prp.png"))
    one_frame = 104**2 - 96**2
    assert one_frame <= framed - words < 2 * one_frame + 500


def test_a_title_of_10_000_letters_is_cut_with_the_number_of_what_is_left_out(
    small_build: Folder, tmp_path: Path
) -> None:
    path = contact_sheet(small_build, "prp_ind", 2, tmp_path / "sheet.png")
    with Image.open(path) as image:
        assert image.height < 2000


def test_a_picture_that_does_not_open_leaves_its_place_empty(
    make_build: Callable[..., Folder], tmp_path: Path
) -> None:
    assert contact_sheet(make_build(broken=True), "ap_ind", 2, tmp_path / "sheet.png").exists()


def test_the_same_rows_give_the_same_bytes(small_build: Folder, tmp_path: Path) -> None:
    paths = [contact_sheet(small_build, "sr_ind", 2, tmp_path / name) for name in ("a.png", "b.png")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png", "out"]


@pytest.mark.parametrize("n", [0, 51])
def test_a_sheet_refuses_what_does_not_fit_one_picture(small_build: Folder, tmp_path: Path, n: int) -> None:
    with pytest.raises(OutputError, match="1 to 50 rows"):
        contact_sheet(small_build, "sr_ind", n, tmp_path / "sheet.png")
