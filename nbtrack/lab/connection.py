"""One browser page: its intents are answered, and it is told what is new."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tornado.websocket import WebSocketClosedError

from nbtrack import panels
from nbtrack.clock import Clock
from nbtrack.errors import Error, UsageError
from nbtrack.lab.admission import demand_same_protocol
from nbtrack.lab.browsing import Browsing
from nbtrack.lab.comparing import Comparing
from nbtrack.lab.desk import Desk
from nbtrack.lab.following import Following, Terms
from nbtrack.lab.frames import encode_frame
from nbtrack.lab.listing import AnyLogger, Listing
from nbtrack.panels import CHANGES, Lookup
from nbtrack.panels.protocol import Failure, Hello, Intent, Lease, Reply, Window
from nbtrack.panels.protocol_lists import Act, Browse, Compare, Facets, Pick, Summarize, Trash

Send = Callable[[bytes], Awaitable[None]]
"""Hands one frame to the socket; returns when the socket can take the next one."""

_MOST_RUNS = 32  # a page with more panels than that does not follow all of them at once
_MOST_VIEWS = 16  # of the list of runs
_MOST_ID = 128  # characters of an id that is sent back


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person at the other end may do.

    Attributes:
        change: May end runs, and change what describes them.
    """

    change: bool


class TooManyRunsError(UsageError):
    """One page follows as many runs, or has as many lists of them, as it may."""


class Connection:
    """What the server keeps of one socket, and the only one who writes to it.

    `receive` answers one intent after the other. `advance` sends news; it returns when
    the socket has taken them, and is not called again before, so that a browser which
    does not read is simply not read for.
    """

    def __init__(  # noqa: PLR0913 - assembled in one place, by the handler
        self,
        send: Send,
        *,
        desk: Desk,
        listing: Listing,
        terms: Terms,
        clock: Clock,
        rights: Rights,
        log: AnyLogger,
        workspace_id: str | None = None,
        protocol: str | None = None,
    ) -> None:
        """Keep the parts.

        `workspace_id` is where intents look that name no workspace, `protocol` the one that
        the page speaks.
        """
        self._send = send
        self._desk = desk
        self._listing = listing
        self._terms = terms
        self._clock = clock
        self._rights = rights
        self._log = log
        self._workspace_id = workspace_id
        self._protocol = protocol
        self._followings: dict[str, Following | Comparing] = {}
        self._browsings: dict[str, Browsing] = {}
        self._browsing = asyncio.Lock()
        self._closed = False

    @property
    def watches(self) -> bool:
        """Whether the list of runs is wanted."""
        return bool(self._browsings)

    @property
    def followed(self) -> tuple[str, ...]:
        """The uids of the runs that are followed."""
        return tuple(self._followings)

    async def receive(self, text: str | bytes) -> None:
        """Answer one intent, by a reply or by a failure under its id."""
        intent_id = ""
        try:
            raw = _json_object(text)
            intent_id = _id_of(raw)
            workspace_id = _workspace_of(raw) or self._workspace_id
            demand_same_protocol(self._protocol)
            await self._answer(panels.parse_intent(raw), workspace_id)
        except Error as error:
            await self._send_failure(intent_id, type(error).__name__, str(error))
        except WebSocketClosedError:
            raise
        except Exception:  # noqa: BLE001 - every intent is answered, also when we have a fault
            if self._closed:
                return
            self._log.exception("nbtrack: an intent could not be answered")
            message = "The server could not answer. Its log says why."
            await self._send_failure(intent_id, "Error", message)

    async def advance(self) -> None:
        """Send what is new, and forget the runs that nobody looks at any more."""
        for following in list(self._followings.values()):
            if not following.leases.count:
                await following.rest()
            elif following.is_reading:
                await self._send_news(following)
        for view in tuple(self._browsings):
            await self._send_page(view)

    async def close(self) -> None:
        """Let go of everything; the socket is closed already."""
        self._closed = True
        self._listing.discard(self)
        self._browsings = {}
        followings, self._followings = self._followings, {}
        await asyncio.gather(*(following.close() for following in followings.values()))

    async def _answer(self, intent: Intent, workspace_id: str | None) -> None:
        match intent["op"]:
            case "hello":
                await self._open(intent, workspace_id)
            case "lease":
                await self._renew(intent, workspace_id)
            case "bye":
                await self._leave(intent["uid"], intent["view"])
                await self._send_reply(intent["id"], intent["uid"])
            case "stop":
                await self._stop(intent["uid"], workspace_id)
                await self._send_reply(intent["id"], intent["uid"])
            case "window":
                await self._send_window(intent, workspace_id)
            case "act" | "trash" | "compare":
                await self._answer_many(intent, workspace_id)
            case "browse" | "facets" | "pick" | "summarize":
                await self._answer_list(intent, workspace_id)
            case _:
                await self._look_up(intent, workspace_id)

    async def _answer_list(
        self, intent: Browse | Facets | Pick | Summarize, workspace_id: str | None
    ) -> None:
        match intent["op"]:
            case "browse":
                await self._browse(intent, workspace_id)
            case "facets":
                await self._tell_facets(intent["id"], workspace_id)
            case "pick" | "summarize":
                await self._send_head(await self._ask_list(intent))

    async def _answer_many(self, intent: Act | Trash | Compare, workspace_id: str | None) -> None:
        match intent["op"]:
            case "act":
                if intent["action"] != "weigh":
                    self._demand_rights()
                await self._send_head(await self._desk.act(intent, workspace_id))
            case "trash":
                await self._send_head(await self._desk.trash(intent, workspace_id))
            case "compare":
                await self._compare(intent, workspace_id)

    async def _open(self, intent: Hello | Lease, workspace_id: str | None) -> None:
        uid = intent["uid"]
        following = self._followings.get(uid) or self._new_following(uid, workspace_id)
        if intent["op"] == "hello" and isinstance(following, Following):
            following.points = intent.get("points")
        try:
            async with following.lock:
                snapshot = await following.snapshot()
                if self._closed:
                    return
                self._followings[uid] = following
                following.leases.renew(intent["view"])
                await self._send_reply(intent["id"], uid)
                await self._send(snapshot)
        finally:
            if self._followings.get(uid) is not following:
                await following.close()

    async def _renew(self, intent: Lease, workspace_id: str | None) -> None:
        uid = intent["uid"]
        following = self._followings.get(uid)
        if following is None or not following.is_reading:
            await self._open(intent, workspace_id)
            return
        await following.demand_presence()
        following.leases.renew(intent["view"])
        await self._send_reply(intent["id"], uid)

    async def _leave(self, uid: str, view: str) -> None:
        following = self._followings.get(uid)
        if following is None:
            return
        following.leases.release(view)
        if not following.leases.count:
            del self._followings[uid]
            await following.close()

    async def _compare(self, intent: Compare, workspace_id: str | None) -> None:
        uid, runs = intent["uid"], intent["runs"]
        comparing = self._followings.get(uid)
        if not isinstance(comparing, Comparing):
            self._demand_room()
            comparing = Comparing(
                uid, self._desk, self._listing, self._clock, lease_s=self._terms.lease_s
            )
        async with comparing.lock:
            await comparing.turn_to(runs, workspace_id)
            if self._closed:
                return
            self._followings[uid] = comparing
            await self._send_reply(intent["id"], uid)
            if comparing.is_reading:
                await self._send(await comparing.snapshot())

    async def _stop(self, uid: str, workspace_id: str | None) -> None:
        self._demand_rights()
        await self._desk.stop(uid, workspace_id)

    async def _send_window(self, intent: Window, workspace_id: str | None) -> None:
        series, buffer = await self._desk.window(intent, workspace_id)
        reply = Reply(op="reply", id=intent["id"], uid=intent["uid"], series=series)
        await self._send_head(reply, buffer)

    async def _look_up(self, lookup: Lookup, workspace_id: str | None) -> None:
        if lookup["op"] in CHANGES:
            self._demand_rights()
        following = self._followings.get(lookup["uid"])
        if isinstance(following, Comparing):
            await self._send_head(*await following.look_up(lookup))
            return
        await self._send_head(*await self._desk.look_up(lookup, workspace_id))

    def _demand_rights(self) -> None:
        if not self._rights.change:
            raise UsageError("You may look at the runs of this server, but not change them.")

    async def _browse(self, asked: Browse, workspace_id: str | None) -> None:
        view = asked["view"]
        former = self._browsings.get(view)
        if former is None and len(self._browsings) >= _MOST_VIEWS:
            raise TooManyRunsError(f"This page has {_MOST_VIEWS} lists already. Close one first.")
        await self._look(workspace_id)
        root = self._desk.workspaces.server_root
        async with self._browsing:
            begun = Browsing.begin(asked, workspace_id, root, former)
            page = await self._desk.beside(begun.page, self._listing.runs)
            if self._closed:
                return
            self._browsings[view] = begun
            self._listing.add(self)
            await self._send_reply(asked["id"])
            if page is not None:
                await self._send_head(page)

    async def _ask_list(self, intent: Pick | Summarize) -> Reply:
        browsing = self._browsings.get(intent["view"])
        if browsing is None:
            raise UsageError("this page has no such list of runs yet: ask for it first.")
        async with self._browsing:
            if intent["op"] == "pick":
                return await self._desk.beside(browsing.pick, intent)
            return await self._desk.beside(browsing.summarize, intent)

    async def _send_page(self, view: str) -> None:
        async with self._browsing:
            browsing, runs = self._browsings.get(view), self._listing.runs
            if browsing is not None and browsing.is_behind(runs):
                page = await self._desk.beside(browsing.page, runs)
                if page is not None and not self._closed:
                    await self._send_head(page)

    async def _tell_facets(self, intent_id: str, workspace_id: str | None) -> None:
        await self._look(workspace_id)
        reply = await self._desk.beside(
            self._listing.survey.reply, intent_id, self._listing.runs, workspace_id
        )
        await self._send_head(reply)

    async def _look(self, workspace_id: str | None) -> None:
        """See to it that there is a list; while it is watched, the watcher does.

        Raises:
            RunNotFoundError: If the server knows no such workspace.
            StoreError: If no workspace can be read.
        """
        if workspace_id is not None:
            await self._desk.on_thread(self._desk.workspaces.named, workspace_id)
        if not self.watches:
            await self._listing.look()

    def _new_following(self, uid: str, workspace_id: str | None) -> Following:
        self._demand_room()
        return Following(uid, workspace_id, self._desk, self._terms, self._clock)

    def _demand_room(self) -> None:
        if len(self._followings) >= _MOST_RUNS:
            raise TooManyRunsError(
                f"This page follows {_MOST_RUNS} runs already. Close a run's tab or panel first."
            )

    async def _send_news(self, following: Following | Comparing) -> None:
        try:
            async with following.lock:
                frame = await following.news()
                if frame is not None and not self._closed:
                    await self._send(frame)
        except Error as error:
            # The next lease opens it again, or says under its id why that cannot be.
            self._log.warning("nbtrack: run %s is not followed: %s", following.uid, error)
            await following.close()

    async def _send_reply(self, intent_id: str, uid: str | None = None) -> None:
        reply = Reply(op="reply", id=intent_id)
        if uid is not None:
            reply["uid"] = uid
        await self._send_head(reply)

    async def _send_failure(self, intent_id: str, kind: str, message: str) -> None:
        await self._send_head(Failure(op="error", id=intent_id, kind=kind, message=message))

    async def _send_head(self, head: Mapping[str, object], buffer: bytes = b"") -> None:
        await self._send(encode_frame(head, buffer))


def _json_object(text: str | bytes) -> dict[str, object]:
    if isinstance(text, bytes):
        raise UsageError("An intent must be text, not a binary message.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("An intent must be one JSON object; this is no JSON.") from error
    if not isinstance(raw, dict):
        raise UsageError(f"An intent must be one JSON object, not {type(raw).__name__}.")
    return raw


def _id_of(raw: Mapping[str, object]) -> str:
    intent_id = raw.get("id")
    return intent_id[:_MOST_ID] if isinstance(intent_id, str) else ""


def _workspace_of(raw: dict[str, object]) -> str | None:
    """Take the workspace out of an intent: which one it is, only the server asks."""
    workspace_id = raw.pop("workspace", None)
    if workspace_id is not None and not isinstance(workspace_id, str):
        raise UsageError(f"'workspace' must be text, not {type(workspace_id).__name__}.")
    return workspace_id
