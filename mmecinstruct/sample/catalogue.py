"""The products of the sample world, and the pictures that their listings show."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ALL_KINDS, BLURRED, CATEGORIES, KINDS, Attribute, Look, Picture, wrong_look
from mmecinstruct.sample.text import write_title
from mmecinstruct.schema import Domain

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE62 = BASE36 + BASE36[10:].lower()
ADDRESS = "https://m.media-amazon.com/images/I"
PLACEHOLDERS = ("01RmK+J4pJL", "01AodW1Gh-L", "01QFb8SNuTL", "01PkLIhTX3L")  # sources.md, section 4.1

# Owner and number of the products whose picture is spoilt: a handful, at every scale the same.
FAULTS: dict[tuple[str, int], str] = {
    ("ap", 4): "missing",
    ("ap", 9): "placeholder",
    ("ap", 14): "truncated",
    ("ap", 19): "not_an_image",
    ("cc", 30): "missing",
    ("cc", 60): "placeholder",
    ("cc", 90): "truncated",
    ("cc", 120): "not_an_image",
    ("prp", 5): "missing",
    ("mpc", 20): "missing",
    ("mpc", 40): "placeholder",
    ("mpc", 60): "truncated",
    ("mpc", 80): "not_an_image",
    ("mpc", 100): "placeholder",
    ("sr", 6): "missing",  # the last item of the first group: the fewest buyers
}


@dataclass(frozen=True, slots=True)
class Product:
    """One listing. `stated` is what its title says; `editions` are the metadata crawls that know it."""

    asin: str
    look: Look
    stated: frozenset[str]
    title: str
    brand: str
    picture: Picture
    editions: frozenset[int]

    @property
    def domain(self) -> Domain:
        """The domain of the product's kind."""
        return "ind" if self.look.kind in KINDS["ind"] else "ood"

    @property
    def category(self) -> str:
        """The underscored name of the domain's category."""
        return CATEGORIES[self.domain]

    @property
    def right(self) -> bool:
        """Whether the picture shows the product."""
        return shows(self.picture, self.look)


def shows(picture: Picture, look: Look) -> bool:
    """Say whether a picture shows this look, legibly."""
    return picture.look == look and not picture.blurred


def make_code(chance: Chance, name: object, n: int, alphabet: str) -> str:
    """Return `n` characters of the alphabet."""
    return "".join(alphabet[byte % len(alphabet)] for byte in chance.digest(name)[:n])


def make_asin(chance: Chance) -> str:
    """Return a ten-character product number."""
    return "B0" + make_code(chance, "asin", 8, BASE36)


def right_picture(chance: Chance, look: Look) -> Picture:
    """Return a new picture of this look."""
    return Picture(_image_id(chance), look)


def wrong_picture(
    chance: Chance, look: Look, asked: Collection[Attribute], kinds: Collection[str] = ALL_KINDS
) -> Picture:
    """Return a new picture that is of no use: heavily blurred, or of a product of another of the kinds."""
    if chance.number("blurred") < BLURRED:
        return Picture(_image_id(chance), look, blurred=True)
    return Picture(_image_id(chance), wrong_look(chance.at("wrong"), look, asked, kinds))


def _image_id(chance: Chance) -> str:
    head = chance.one(["41", "51"], "image head")
    middle = make_code(chance, "image", 8, BASE62)
    if chance.number("image sign") < 0.15:
        middle = middle[:4] + chance.one("+-", "sign") + middle[5:]
    return f"{head}{middle}L"


class Catalogue:
    """All products made so far. Gives each a number of its own and, since corpora join by text too, its own title."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.products: list[Product] = []
        self._titles: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def spot(self, owner: str) -> Chance:
        """Return the place in the tree of choices of the owner's next product."""
        return self.chance.at("product", owner, self._numbers.get(owner, 0))

    def add(
        self,
        owner: str,
        look: Look,
        stated: Iterable[str],
        picture: Picture,
        editions: Iterable[int],
        *,
        brand: bool = True,
    ) -> Product:
        """Make a product for a task and keep it."""
        chance = self.spot(owner)
        number = self._numbers.get(owner, 0)
        self._numbers[owner] = number + 1
        said = frozenset(stated)
        product = Product(
            asin=make_asin(chance),
            look=look,
            stated=said,
            title=self._own(write_title(look, said, chance.at("title"))),
            brand=look.word if brand else "",
            picture=self._spoil(picture, FAULTS.get((owner, number), "")),
            editions=frozenset(editions),
        )
        self.products.append(product)
        return product

    def _own(self, title: str) -> str:
        n = self._titles[title] = self._titles.get(title, 0) + 1
        return title if n == 1 else f"{title}, No. {n}"

    def _spoil(self, picture: Picture, fault: str) -> Picture:
        if not fault:
            return picture
        used = sum(product.picture.fault == "placeholder" for product in self.products)
        new_id = PLACEHOLDERS[used] if fault == "placeholder" else picture.id
        return Picture(new_id, picture.look, picture.blurred, fault)


def draw_editions(chance: Chance) -> tuple[int, ...]:
    """Return which metadata crawls know a product: 2023, 2018 or both."""
    return chance.one([(2023,), (2023,), (2018,), (2018, 2023)], "editions")
