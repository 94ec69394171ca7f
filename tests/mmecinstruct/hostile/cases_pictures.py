"""Pictures and their addresses: in the folder of pictures at hand, and behind a stand-in for the image host."""

from aiohttp import web

from tests.mmecinstruct.hostile.case import Case, amid, beside, both, line
from tests.mmecinstruct.hostile.world import ADDRESS, REVIEWS, picture, review
from tests.mmecinstruct.images.conftest import HOST, Reply
from tests.mmecinstruct.images.test_hostile_addresses import REFUSED as REFUSED_ADDRESSES
from tests.mmecinstruct.images.test_hostile_addresses import SERVERS
from tests.mmecinstruct.images.test_hostile_pictures import KEPT, MADE_PLAIN, REFUSED

BOMBS_AND_RUINS = (
    *("png_header_of_400_megapixels", "gif_of_the_largest_sides", "webp_of_the_largest_canvas", "jpeg_of_500_scans"),
    *("png_with_a_text_bomb", "more_than_5_megabytes", "jpeg_cut_in_the_middle", "png_cut_in_the_middle", "no_bytes"),
    *("webp_cut_in_the_middle", "png_of_no_width", "html", "random_bytes", "gzip_of_a_jpeg", "svg", "eps", "tiff"),
    *("one_pixel", "amazons_no_image_size", "one_colour", "all_transparent", "a_column_of_60000"),
)
UNUSUAL = (
    *("jpeg_cmyk", "jpeg_with_gps", "jpeg_with_broken_exif", "jpeg_with_a_zip_behind", "jpeg_too_wide", "png_rgba"),
    *("png_palette_transparent", "png_grey_with_alpha", "png_one_bit", "png_16_bit", "png_animated", "gif_animated"),
    *("webp_animated", "webp_rgba", "jpeg_multi_picture"),
)
ADDRESSES = (
    *("file:///etc/passwd", "data:image/png;base64,iVBORw0KGgo=", "javascript:alert(1)", "http://localhost/cat.jpg"),
    *("https://169.254.169.254/latest/meta-data/", "https://[::ffff:127.0.0.1]/cat.jpg", "https://2130706433/cat.jpg"),
    *(f"https://{HOST}.evil.example/cat.jpg", f"https://evil.example@{HOST}/cat.jpg", f"https://{HOST}:8443/cat.jpg"),
    *(f"https://{HOST}/cat.jpg\r\nHost: evil.example", f"https://{HOST}/cat\0.jpg", "/etc/passwd", "https://"),
    "https://m.media-amazon.com/images/I/01RmK+J4pJL._SL500_.jpg",
)
ANSWERS = (
    *("an_endless_body", "a_trickling_body", "no_answer", "a_closed_connection", "a_length_that_is_huge", "no_http"),
    *("endless_headers", "a_gzip_bomb", "a_page", "not_found", "a_broken_server"),
)
HOSTS = ("localhost", "127.0.0.1", "10.0.0.5", "[::1]", "169.254.169.254")


def pictured(*addresses: str) -> bytes:
    return line(review(30, images=[{"large_image_url": address} for address in addresses]))


def at_hand(name: str, data: bytes, **expected: object) -> Case:
    image = f"41{name[:20].replace('_', '-')}L"
    plant = both(beside(f"images/{image}.jpg", data), amid(REVIEWS, pictured(ADDRESS.format(image))))
    return Case(f"picture: {name}", "sa", plant, **expected)  # type: ignore[arg-type]


def served(name: str, reply: Reply, reason: str, **fetch: object) -> Case:
    path = f"/images/S/{name.replace(' ', '-')}.jpg"
    plant = amid(REVIEWS, pictured(f"https://{HOST}{path}"))
    return Case(f"server: {name}", "sa", plant, {f"picture_{reason}": 1}, served={path: reply}, fetch=fetch)


def moved(location: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    return reply


REDIRECTS = {
    "to loopback": ("http://127.0.0.1:22/", "host_not_allowed"),
    "to localhost": ("https://localhost/a.jpg", "host_not_allowed"),
    "to the metadata of a cloud": ("http://169.254.169.254/latest/meta-data/", "host_not_allowed"),
    "to a file": ("file:///etc/passwd", "scheme_not_allowed"),
    "to data": ("data:image/png;base64,AAAA", "scheme_not_allowed"),
    "to nowhere": ("http://[", "bad_address"),
    "to itself": ("/images/S/to-itself.jpg", "too_many_redirects"),
}

CASES = [
    *(at_hand(name, REFUSED[name][0], reasons={f"picture_{REFUSED[name][1]}": 1}) for name in BOMBS_AND_RUINS),
    *(at_hand(name, (KEPT | MADE_PLAIN)[name], more=1) for name in UNUSUAL),
    Case(
        "picture: the second is good",
        "sa",
        both(
            beside("images/41brokenL.jpg", b"no picture"),
            amid(REVIEWS, pictured(ADDRESS.format("41brokenL"), ADDRESS.format("41tool0001L"))),
        ),
        more=1,
    ),
    *(
        Case(
            f"address: {address!a}",
            "sa",
            amid(REVIEWS, pictured(address)),
            {f"picture_{REFUSED_ADDRESSES[address]}": 1},
            fetch={"retries": 0},
        )
        for address in ADDRESSES
    ),
    *(
        Case(
            f"address: allowed but private: {host}",
            "sa",
            amid(REVIEWS, pictured(f"https://{host}/a.jpg")),
            {"picture_private_address": 1},
            fetch={"hosts": (host.strip("[]"),), "origins": {}},
        )
        for host in HOSTS
    ),
    *(served(name, *SERVERS[name], timeout_s=0.3) for name in ANSWERS),
    *(served(name, moved(location), reason) for name, (location, reason) in REDIRECTS.items()),
    Case(
        "address: nothing is fetched", "sa", amid(REVIEWS, pictured(f"https://{HOST}/a.jpg")), {"picture_missing": 1}
    ),
    Case(
        "address: out of the folder",
        "sa",
        both(
            beside("secret.jpg", picture(3)),
            amid(REVIEWS, pictured(f"https://{HOST}/images/I/..%2Fsecret.jpg", "images/I/../secret.jpg")),
        ),
        {"picture_missing": 1},
    ),
    Case(
        "address: a thousand that are nothing",
        "sa",
        amid(REVIEWS, pictured(*map(str, range(1000)))),
        {"picture_missing": 1},
    ),
]
