"""scikit-learn: every `fit()` and `score()` that the user calls.

    config    <Estimator>: its parameters, those of nested estimators included
    rows      <Estimator>/fit_seconds, and what it found where it has that: /n_iter, /loss,
              /best_score, /oob_score; <Estimator>/score

What an estimator calls itself (a pipeline its steps, a search its candidates, a forest its
trees) is not logged, nor is what runs in other processes.
"""

import time
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from nbtrack.integrations.patching import Function, Outermost, Patches
from nbtrack.integrations.sinks import Sink

_FOUND = {
    "n_iter": "n_iter_",
    "loss": "loss_",
    "best_score": "best_score_",
    "oob_score": "oob_score_",
    "inertia": "inertia_",
}


def patch(module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - sklearn.base
    """Follow the estimators that are there, and those that come."""
    estimator, outermost = module.BaseEstimator, Outermost()
    seen: set[type] = set()

    def follow(kind: type) -> None:
        for owner in kind.__mro__:
            if owner not in seen and owner is not object:
                seen.add(owner)
                _patch_class(owner, patches, sink, outermost)

    for kind in _kinds(estimator):
        follow(kind)

    own = vars(estimator).get("__init_subclass__")

    def begin(cls: Any, /, **options: object) -> None:  # noqa: ANN401
        if own is None:
            super(estimator, cls).__init_subclass__(**options)
        else:
            own.__func__(cls, **options)
        with sink.guarded():
            follow(cls)

    patches.put(estimator, "__init_subclass__", classmethod(begin))


def _kinds(kind: type) -> Iterator[type]:
    yield kind
    below: list[type] = kind.__subclasses__()
    for one in below:
        yield from _kinds(one)


def _patch_class(owner: type, patches: Patches, sink: Sink, outermost: Outermost) -> None:
    # What is no plain function there depends on what the estimator is made of, and stays.
    if isinstance(vars(owner).get("fit"), FunctionType):
        patches.wrap(owner, "fit", lambda original: _fit(original, sink, outermost))
    if isinstance(vars(owner).get("score"), FunctionType):
        patches.wrap(owner, "score", lambda original: _score(original, sink, outermost))


def _fit(original: Function, sink: Sink, outermost: Outermost) -> Function:
    def fit(self: Any, *args: object, **options: object) -> object:  # noqa: ANN401
        with outermost.call() as is_outermost:
            if not is_outermost:
                return original(self, *args, **options)
            began_s = time.perf_counter()
            fitted = original(self, *args, **options)
            seconds = time.perf_counter() - began_s
        with sink.guarded():
            name = type(self).__name__
            sink.configure({name: _parameters(self)})
            sink.row({f"{name}/fit_seconds": seconds, **_found(self, name)})
        return fitted

    return fit


def _score(original: Function, sink: Sink, outermost: Outermost) -> Function:
    def score(self: Any, *args: object, **options: object) -> object:  # noqa: ANN401
        with outermost.call() as is_outermost:
            result = original(self, *args, **options)
        if is_outermost:
            with sink.guarded():
                sink.row({f"{type(self).__name__}/score": result})
        return result

    return score


def _parameters(estimator: Any) -> dict[str, object]:  # noqa: ANN401
    ask = getattr(estimator, "get_params", None)
    return dict(ask()) if ask is not None else {}


def _found(estimator: Any, name: str) -> dict[str, object]:  # noqa: ANN401
    own = vars(estimator)
    return {f"{name}/{key}": own[said] for key, said in _FOUND.items() if said in own}
