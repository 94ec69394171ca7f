"""What a user of the framework can do wrong; printed on one line, exit code 1, as the dataset's errors are.

MmecError
 ├── LocalHubError  a Hub of one's own that cannot be started, stopped or set up like this
 ├── ModelError     a model that cannot be had or run like this
 ├── PushError      a release that cannot be made, with what to do about it
 ├── StageError     a stage whose input is not made yet, was made for something else, or cannot be learnt from
 └── StoreError     kept answers that do not belong to what is asked now
"""

from mmecinstruct.errors import MmecError


class LocalHubError(MmecError):
    """A Hub of one's own that cannot be started, stopped or set up like this."""


class PushError(MmecError):
    """A release that cannot be made, with what to do about it."""


class StageError(MmecError):
    """A stage whose input is not made yet, was made for something else, or cannot be learnt from."""


class ModelError(MmecError):
    """A model that cannot be had or run like this: unknown, without a key, without yes and no, out of budget."""


class StoreError(MmecError):
    """Kept answers that do not belong to what is asked now."""
