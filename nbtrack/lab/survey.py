"""What there is to choose from in the list of runs, for chips and for completion."""

from nbtrack import panels
from nbtrack.lab.runkeys import RunKey, Runs, runs_of
from nbtrack.panels.protocol import Reply
from nbtrack.panels.protocol_lists import Facet, FacetValue, KnownField
from nbtrack.query import Facets

_MOST_TEXTS = 200  # of a field: a longer list is read by nobody
_MOST_FIELDS = 2_000


class Survey:
    """What there is to choose from in the runs of the workspaces."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._facets: dict[str | None, Facets[RunKey]] = {}

    def reply(self, intent_id: str, runs: Runs, workspace_id: str | None) -> Reply:
        """Return the answer to intent `intent_id`; to be called beside the event loop."""
        found = self._facets.setdefault(workspace_id, Facets())
        found.update(runs_of(runs, workspace_id))
        fields = found.fields()
        return Reply(
            op="reply",
            id=intent_id,
            total=len(fields),
            facets=[
                Facet(
                    field=facet.field,
                    values=[
                        FacetValue(value=panels.clean(value), runs=count)
                        for value, count in facet.values[:_MOST_TEXTS]
                    ],
                    left_out=max(0, len(facet.values) - _MOST_TEXTS),
                )
                for facet in found.facets()
            ],
            fields=[
                KnownField(name=panels.clean(one.name), kind=one.kind, runs=one.runs)
                for one in fields[:_MOST_FIELDS]
            ],
        )
