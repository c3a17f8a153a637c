"""The build hook, with a `node` and an `npm` that only note how they were called."""

import json
import shutil
from pathlib import Path

import pytest

import hatch_build

NODE = "#!/bin/sh\necho {version}\n"
NPM = """#!/bin/sh
echo "$@" >> {calls}
mkdir -p node_modules ../nbtrack/panels/static ../nbtrack/lab/labextension
[ "$1" = ci ] || touch ../nbtrack/panels/static/panel.js ../nbtrack/lab/labextension/package.json
exit {code}
"""


class Checkout:
    """A folder that looks like nbtrack's, and a PATH with programs that we wrote."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = folder / "nbtrack"
        self.programs = folder / "bin"
        self.calls = folder / "calls"
        self.patch = patch
        (self.root / "js").mkdir(parents=True)
        (self.root / "js/package.json").write_text(json.dumps({"engines": {"node": ">=20"}}))
        self.lock("one")
        self.programs.mkdir()
        for name in ("sh", "mkdir", "touch"):
            self.programs.joinpath(name).symlink_to(str(shutil.which(name)))
        patch.setenv("PATH", str(self.programs))
        patch.delenv("NBTRACK_SKIP_JS", raising=False)
        patch.setattr(hatch_build, "wheel_node", lambda: None)

    def lock(self, content: str) -> None:
        (self.root / "js/package-lock.json").write_text(content)

    def install_node(self, version: str = "v20.1.0", *, code: int = 0) -> None:
        for name, text in (("node", NODE), ("npm", NPM)):
            program = self.programs / name
            program.write_text(text.format(version=version, calls=self.calls, code=code))
            program.chmod(0o755)

    def write_bundles(self) -> None:
        for path in (hatch_build.PANEL, hatch_build.LABEXTENSION):
            (self.root / path).parent.mkdir(parents=True)
            (self.root / path).write_text("old")

    def build(self) -> list[str]:
        """Run the hook; return the calls of npm since the last build."""
        self.calls.write_text("")
        self.hook().initialize("standard", {})
        return self.calls.read_text().splitlines()

    def hook(self) -> hatch_build.BundleHook:
        return hatch_build.BundleHook(str(self.root), {}, None, None, str(self.root), "wheel")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path, monkeypatch)


def test_the_bundles_are_built_although_they_lie_there(checkout: Checkout) -> None:
    """Output that lies there may be older than its sources."""
    checkout.install_node()
    checkout.write_bundles()
    checkout.build()

    assert checkout.build() == ["run build"]


def test_packages_are_installed_once_per_lock_file(checkout: Checkout) -> None:
    checkout.install_node()

    first = checkout.build()
    checkout.lock("two")
    second = checkout.build()

    assert first == second == ["ci", "run build"]


def test_an_sdist_installs_only_what_the_build_needs(checkout: Checkout) -> None:
    checkout.install_node()
    (checkout.root / "PKG-INFO").touch()

    assert checkout.build() == ["ci --omit=dev", "run build"]


def test_an_sdist_without_node_uses_what_it_carries(checkout: Checkout) -> None:
    (checkout.root / "PKG-INFO").touch()
    checkout.write_bundles()

    assert checkout.hook().dependencies() == []
    assert checkout.build() == []


def test_without_node_one_is_asked_of_pypi(checkout: Checkout) -> None:
    assert checkout.hook().dependencies() == [hatch_build.NODE_WHEEL]


def test_a_node_that_is_too_old_counts_as_none(checkout: Checkout) -> None:
    checkout.install_node("v18.19.0")

    assert checkout.hook().dependencies() == [hatch_build.NODE_WHEEL]


def test_a_checkout_without_node_is_not_packed(checkout: Checkout) -> None:
    """A wheel without its panel would install without a word."""
    checkout.write_bundles()

    with pytest.raises(RuntimeError, match=r"needs Node >= 20 to be built. Install it, or `pip"):
        checkout.build()


def test_a_failed_build_stops_the_packing(checkout: Checkout) -> None:
    checkout.install_node(code=3)
    checkout.write_bundles()

    with pytest.raises(RuntimeError, match=r"`npm ci` failed in .*js with exit code 3"):
        checkout.build()


def test_nothing_is_built_for_those_who_only_read_python(checkout: Checkout) -> None:
    checkout.install_node()
    checkout.patch.setenv("NBTRACK_SKIP_JS", "1")

    assert checkout.hook().dependencies() == []
    assert checkout.build() == []
