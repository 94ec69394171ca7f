"""What cannot be shown, and why: told in its place on the page, which is shown all the same."""


class Unshowable(Exception):
    """A part of a repository that is broken, too large or of a kind the pages do not know."""
