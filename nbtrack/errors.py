"""Every exception and warning that nbtrack raises.

    Error                       anything that nbtrack raises
    ├── UsageError              a wrong argument, or a call at the wrong time
    │   ├── ConfigError         a configuration value that cannot be taken
    │   ├── StepOrderError      a row came after a later one, and settings are strict
    │   └── UnsupportedError    something that nbtrack does not have
    ├── CommError               the store did not answer as it should
    │   ├── AuthenticationError for `except` clauses alone: nobody logs in
    │   ├── RunNotFoundError    no such run
    │   └── StoreError          a file of the store cannot be used
    │       └── LimitError      a question took more time or memory than it may
    ├── MissingDependencyError  an optional library or program is not installed
    ├── PrintError              the browser that prints cannot print this
    └── NotYetError             a name of the field that this version does not fill

    NbtrackWarning              anything that nbtrack warns about
    ├── StepOrderWarning        a row came after a later one and is not stored
    ├── OpenRunWarning          a run was left open
    ├── StoreWarning            something could not be stored as asked
    └── SampledWarning          not all rows are given

The names `Error`, `UsageError` and `CommError` are those of the field, so that
`except` clauses written for other trackers go on working.
"""


class Error(Exception):
    """Base of every exception that nbtrack raises.

    Examples:
        >>> try:
        ...     nbtrack.log({"loss": 0.5}, step="three")
        ... except (nbtrack.Error, TypeError) as error:
        ...     print(type(error).__name__)
        TypeError
    """


class UsageError(Error, ValueError):
    """A wrong argument, or a call at the wrong time.

    Examples:
        >>> try:
        ...     nbtrack.init(project="a/b")
        ... except nbtrack.UsageError as error:
        ...     print(error)
        project must not contain /: 'a/b'. Type project='a-b'.
    """


class ConfigError(UsageError):
    """A configuration value that cannot be taken, or must not change any more."""


class StepOrderError(UsageError):
    """A row came with a step below the current one, and settings are strict."""


class UnsupportedError(UsageError):
    """Something that nbtrack does not have."""


class CommError(Error):
    """The store did not answer as it should.

    Examples:
        >>> try:
        ...     nbtrack.Api().run("digits/never-there")
        ... except nbtrack.CommError:
        ...     print("no such run")
        no such run
    """


class AuthenticationError(CommError):
    """Never raised: nobody logs in. For `except` clauses written for other trackers."""


class RunNotFoundError(CommError, LookupError, ValueError):
    """No run of that name, id or path is in the workspace."""


class StoreError(CommError, OSError):
    """A file of the store cannot be read or written."""


class LimitError(StoreError):
    """A question to the store took more time or memory than it may: ask for less."""


class MissingDependencyError(Error, ImportError):
    """An optional library is needed for this call and is not installed."""


class PrintError(Error, RuntimeError):
    """The installed Chromium cannot make a PDF or a PNG of a page."""


class NotYetError(Error, NotImplementedError):
    """A name of the field that this version does not fill; it says what works instead.

    Examples:
        >>> try:
        ...     nbtrack.sweep({"method": "grid"})
        ... except nbtrack.NotYetError:
        ...     print("not in this version")
        not in this version
    """


class NbtrackWarning(UserWarning):
    """Base of every warning that nbtrack gives."""


class StepOrderWarning(NbtrackWarning):
    """A row came with a step below the current one and is not stored."""


class OpenRunWarning(NbtrackWarning):
    """A run was left open."""


class StoreWarning(NbtrackWarning):
    """Something could not be stored where or how it was asked."""


class SampledWarning(NbtrackWarning):
    """A sample of the rows is given, and more of them are there."""
