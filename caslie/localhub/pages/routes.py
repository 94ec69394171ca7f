"""The Hub in a browser: what is here, and of each repository the page, files, commits and discussions."""

from aiohttp import web

from caslie.localhub.asking import FILES, caller_of, hub_of
from caslie.localhub.pages import entering
from caslie.localhub.pages.answering import filled, here, no_page, opening, page, read, reads_pages, repo_at, to
from caslie.localhub.pages.discussion_pages import discussion_page, discussions_page
from caslie.localhub.pages.file_pages import file_page, folder_page
from caslie.localhub.pages.history_pages import commit_page, history_page
from caslie.localhub.pages.home_page import home_page
from caslie.localhub.pages.rendering import stylesheet
from caslie.localhub.pages.repo_page import Wanted, repo_page
from caslie.localhub.paging import number_in
from caslie.localhub.storage.names import RepoType, file_path

showing = web.RouteTableDef()


@showing.get("/static/style.css")
@page
async def style(_: web.Request) -> web.Response:
    """How the pages look."""
    return web.Response(text=stylesheet(), content_type="text/css")


@showing.get("/")
@showing.get("/{type:models|datasets|spaces}")
@page
async def home(request: web.Request) -> web.Response:
    """All repositories that the visitor may know of, or those of one type."""
    types = [type for type in RepoType if request.match_info.get("type") in (None, f"{type}s")]
    sections = await read(home_page, hub_of(request), caller_of(request), types)
    return filled(request, "home", title="Repositories", sections=sections, origin=str(request.url.origin()))


@showing.get("/{namespace:[^/]+}")
@page
async def namespace(request: web.Request) -> web.Response:
    """The repositories of a user or an organisation."""
    hub, name = hub_of(request), request.match_info["namespace"]
    if name not in hub.accounts.users and name not in hub.accounts.orgs:
        raise no_page()
    sections = await read(home_page, hub, caller_of(request), list(RepoType), name)
    return filled(request, "home", title=name, sections=sections, origin=str(request.url.origin()))


@showing.get(FILES)
@page
async def repository(request: web.Request) -> web.Response:
    """A repository: its card, what is in it, and how to load it."""
    repo, asked = repo_at(request), request.query
    wanted = Wanted(caller_of(request), str(request.url.origin()), asked.get("config", ""), asked.get("split", ""))
    return filled(request, "repo", page=await read(repo_page, hub_of(request), repo, wanted))


@showing.get(FILES + "/tree/{revision}")
@showing.get(FILES + "/tree/{revision}/{path:.+}")
@page
async def tree(request: web.Request) -> web.Response:
    """A folder at a revision."""
    folder = request.match_info.get("path", "").strip("/")
    folder = file_path(folder) if folder else ""
    return filled(request, "tree", page=await read(folder_page, opening(request), folder))


@showing.get(FILES + "/blob/{revision}/{path:.+}")
@page
async def blob(request: web.Request) -> web.Response:
    """A file at a revision."""
    path, caller = file_path(request.match_info["path"]), caller_of(request)
    return filled(request, "blob", page=await read(file_page, opening(request), path, caller))


@showing.get(FILES + "/commit/{revision}")
@page
async def commit(request: web.Request) -> web.Response:
    """What a commit changed, and what was there after it."""
    return filled(request, "commit", page=await read(commit_page, opening(request)))


@showing.get(FILES + "/commits/{revision}")
@page
async def commits(request: web.Request) -> web.Response:
    """The history of a revision."""
    return filled(request, "history", page=await read(history_page, opening(request), number_in(request, "p", 0)))


@showing.get(FILES + "/discussions")
@page
async def discussions(request: web.Request) -> web.Response:
    """The discussions and pull requests of a repository."""
    found = await read(discussions_page, repo_at(request), number_in(request, "p", 0))
    return filled(request, "discussions", page=found)


@showing.get(FILES + "/discussions/{num:[0-9]{1,9}}")
@page
async def discussion(request: web.Request) -> web.Response:
    """What was said, and what a pull request changes."""
    found = await read(discussion_page, repo_at(request), int(request.match_info["num"]))
    return filled(request, "discussion", page=found)


# The last route of all: what no other room knows, by whatever method.
@showing.route("*", "/{path:.*}")
@page
async def nothing(request: web.Request) -> web.Response:
    """Refuse an address; a browser that only ended it with a slash is sent to the right one."""
    path = request.rel_url.raw_path.rstrip("/")
    if reads_pages(request) and request.method == "GET" and path != request.rel_url.raw_path:
        return to(here(path + (f"?{request.rel_url.raw_query_string}" if request.query_string else "")))
    raise no_page()


routes = (*entering.routes, *showing)
