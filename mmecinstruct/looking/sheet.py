"""A contact sheet: a few samples as one picture, each with its words beside it and the right option framed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError
from mmecinstruct.looking.pictures import thumbnail
from mmecinstruct.looking.view import Line, View, first_rows, view_of

MAX_ROWS = 50  # a sheet of 50 SR rows is 45,000 pixels high; `review` is for more

WIDTH, MARGIN, GAP = 1600, 32, 28
LEFT = 700  # at most, of the pictures; the words have the rest
INDENT = 132  # of the words after their labels
LARGE, SMALL = 336, 104
LABEL = 24  # above or below a picture
SIZE = 17
LEADING = 23
PAPER, INK, QUIET, LINE = "#ffffff", "#1c1f24", "#6a7280", "#d8dce3"
RIGHT = "#0a7d33"
MAX_LINES, MAX_CHARS = 16, 2400  # of one text; what is left out is said


@dataclass(frozen=True, slots=True)
class _Block:
    """A text to draw: its label in grey, its lines already broken."""

    label: str
    lines: tuple[str, ...]
    right: bool

    @property
    def height(self) -> int:
        return LEADING * len(self.lines) + (2 if self.label else 10)


def contact_sheet(folder: Folder, config: str, n: int, path: Path, split: str | None = None) -> Path:
    """Write the first `n` samples of a split, by default the last, as a PNG of 1,600 pixels width.

    Raises:
        OutputError: too many rows for one picture.
    """
    if not 0 < n <= MAX_ROWS:
        raise OutputError(f"a contact sheet holds 1 to {MAX_ROWS} rows, not {n}. `mmecinstruct review` shows more")
    strips = [_strip(view_of(row), folder.pictures(row)) for row in first_rows(folder, config, n, split)]
    sheet = Image.new("RGB", (WIDTH, sum(strip.height for strip in strips)), PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    partial = path.with_name(f".{path.name}.partial")
    sheet.save(partial, "PNG")
    return partial.rename(path)


def _strip(view: View, pictures: Sequence[bytes]) -> Image.Image:
    """One sample: a heading, its pictures, its words."""
    groups = list(_groups(view))
    left = MARGIN + max((group.width for group in groups), default=0) + GAP
    blocks = list(_blocks(view, WIDTH - MARGIN - left - INDENT))
    words_height = sum(block.height for block in blocks)
    pictures_height = sum(_group_height(group) for group in groups)
    height = MARGIN + 2 * LEADING + max(words_height, pictures_height) + MARGIN
    strip = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(strip)
    draw.text((MARGIN, MARGIN - 6), view.task.replace("_", " "), INK, _font(SIZE + 3, bold=True))
    draw.text((WIDTH - MARGIN, MARGIN - 3), view.id, QUIET, _font(SIZE - 2), anchor="ra")
    top = MARGIN + 2 * LEADING
    for group in groups:
        _draw_group(strip, group, pictures, top)
        top += _group_height(group)
    _draw_blocks(draw, blocks, (left, MARGIN + 2 * LEADING))
    draw.line([(MARGIN, height - 1), (WIDTH - MARGIN, height - 1)], LINE)
    return strip


@dataclass(frozen=True, slots=True)
class _Group:
    """Pictures of one kind in a grid: large for the items of a sample, small for a history and for options."""

    title: str
    lines: tuple[Line, ...]
    side: int

    @property
    def columns(self) -> int:
        return max(1, (LEFT + 8) // (self.side + 8))

    @property
    def width(self) -> int:
        # Small pictures come in two grids, and the words of all rows of a sheet are to begin at one place.
        return LEFT if self.side == SMALL else min(self.columns, len(self.lines)) * (self.side + 8) - 8


def _groups(view: View) -> Iterator[_Group]:
    if view.alone:
        yield _Group("", view.alone, LARGE)
    if view.history:
        yield _Group("purchase history", view.history, SMALL)
    if any(line.item is not None for line in view.options):
        yield _Group("options", view.options, SMALL)


def _group_height(group: _Group) -> int:
    rows = -(-len(group.lines) // group.columns)
    return (LEADING + 6 if group.title else 0) + rows * (group.side + LABEL + 6) + 10


def _draw_group(strip: Image.Image, group: _Group, pictures: Sequence[bytes], top: int) -> None:
    draw = ImageDraw.Draw(strip)
    if group.title:
        draw.text((MARGIN, top), group.title, QUIET, _font(SIZE - 2))
        top += LEADING + 6
    for i, line in enumerate(group.lines):
        row, column = divmod(i, group.columns)
        x, y = MARGIN + column * (group.side + 8), top + row * (group.side + LABEL + 6)
        _draw_picture(strip, (x, y), group.side, thumbnail(pictures[line.item or 0], group.side - 8), line.right)
        font = _font(SIZE - 2, bold=line.right)
        draw.text(
            (x + group.side / 2, y + group.side + 2), line.label, RIGHT if line.right else QUIET, font, anchor="ma"
        )


def _draw_picture(
    strip: Image.Image, at: tuple[int, int], side: int, picture: Image.Image | None, right: bool
) -> None:
    draw = ImageDraw.Draw(strip)
    x, y = at
    frame = (x, y, x + side - 1, y + side - 1)
    draw.rectangle(frame, fill=PAPER, outline=RIGHT if right else LINE, width=4 if right else 1)
    if picture:
        strip.paste(picture, (x + (side - picture.width) // 2, y + (side - picture.height) // 2))
    else:
        draw.text((x + side / 2, y + side / 2), "does not\nopen", QUIET, _font(SIZE - 4), anchor="mm", align="center")


def _blocks(view: View, width: int) -> Iterator[_Block]:
    yield from (_block(line, width, MAX_LINES) for line in view.words)
    yield from (_block(line, width, MAX_LINES) for line in view.alone if line.text)
    yield from (_block(line, width, 2) for line in view.history)
    if view.options:
        yield _Block("", ("",), False)
        yield from (_block(line, width, 2) for line in view.options)
    yield _Block("", ("",), False)
    yield _block(Line("answer", view.answer, right=True), width, 1)


def _block(line: Line, width: int, max_lines: int) -> _Block:
    # Pillow breaks no lines and draws no newline right to left, so that each line is drawn on its own.
    font = _font(SIZE, bold=line.right)
    words = " ".join(line.text.split())
    broken = list(_wrapped(words[:MAX_CHARS].split(), width, font))
    kept = broken[:max_lines]
    if kept and (len(broken) > max_lines or len(words) > MAX_CHARS):
        kept[-1] = _shortened(kept[-1], len(words) - len(" ".join(kept)), width, font)
    return _Block(line.label, tuple(kept or [""]), line.right)


def _wrapped(words: Iterable[str], width: float, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _cut(word, width, font)
        yield from full
    if line:
        yield line


def _cut(word: str, width: float, font: ImageFont.FreeTypeFont) -> list[str]:
    """A word in pieces that fit; nearly always the word."""
    pieces = []
    while font.getlength(word) > width:
        n = max(1, int(len(word) * width / font.getlength(word)) - 1)
        pieces.append(word[:n])
        word = word[n:]
    return [*pieces, word]


def _shortened(line: str, n_left_out: int, width: float, font: ImageFont.FreeTypeFont) -> str:
    ending = f" … (+{n_left_out:,} characters)"
    while line and font.getlength(line + ending) > width:
        line, n_left_out = line[:-1], n_left_out + 1
        ending = f" … (+{n_left_out:,} characters)"
    return line + ending


def _draw_blocks(draw: ImageDraw.ImageDraw, blocks: Sequence[_Block], at: tuple[int, int]) -> None:
    x, y = at
    for block in blocks:
        font = _font(SIZE, bold=block.right)
        draw.text((x, y), block.label, RIGHT if block.right else QUIET, font)
        for i, line in enumerate(block.lines):
            draw.text((x + INDENT, y + i * LEADING), line, RIGHT if block.right else INK, font)
        y += block.height


@cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    # The font that comes with matplotlib: the same on every machine, and it has more letters than Pillow's own.
    from matplotlib import get_data_path

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(get_data_path()) / "fonts" / "ttf" / name), size)
