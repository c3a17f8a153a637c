"""The lines of a `requirements.txt`."""

import json
from importlib.metadata import distributions
from pathlib import Path

from nbtrack.capture import installed_packages


def install(folder: Path, name: str, version: str, origin: object = None) -> None:
    home = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    home.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (home / "METADATA").write_text(f"{head}\nName: not this one\n")
    if origin is not None:
        text = origin if isinstance(origin, str) else json.dumps(origin)
        (home / "direct_url.json").write_text(text)


def test_packages_are_named_with_their_versions(tmp_path) -> None:
    install(tmp_path, "torch", "2.1.0")
    install(tmp_path, "scikit-learn", "1.5")

    assert installed_packages([str(tmp_path)]) == ["scikit-learn==1.5", "torch==2.1.0"]


def test_of_two_the_first_on_the_path_counts(tmp_path) -> None:
    install(tmp_path / "a", "my_package", "1")
    install(tmp_path / "b", "My.Package", "2")

    assert installed_packages([str(tmp_path / "a"), str(tmp_path / "b")]) == ["my_package==1"]


def test_a_package_from_elsewhere_says_from_where_without_credentials(tmp_path) -> None:
    origin = {
        "url": "https://ada:s3cret@example.org/ada/digits.git",
        "vcs_info": {"vcs": "git", "commit_id": "0a1b2c3d"},
    }
    install(tmp_path, "digits", "1", origin)
    install(tmp_path, "wheel-of-mine", "2", {"url": "https://tok3n@example.org/w.whl"})
    install(tmp_path, "editable", "3", {"url": "file:///data/e", "dir_info": {"editable": True}})

    assert installed_packages([str(tmp_path)]) == [
        "digits @ git+https://example.org/ada/digits.git@0a1b2c3d",
        "editable @ file:///data/e",
        "wheel-of-mine @ https://example.org/w.whl",
    ]


def test_what_is_damaged_is_passed_over(tmp_path) -> None:
    (tmp_path / "empty-1.dist-info").mkdir()
    (tmp_path / "file-1.dist-info").write_bytes(b"\xff\xfe")
    for number, origin in enumerate(["{", "[]", '{"url": 3}', '{"vcs_info": {}}', '{"url": ""}']):
        install(tmp_path, f"odd-{number}", "1", origin)
    (tmp_path / "old.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 0.1\n")

    found = installed_packages([str(tmp_path), str(tmp_path / "missing"), __file__])

    assert found == [*(f"odd-{number}==1" for number in range(5)), "old==0.1"]


def test_they_are_the_packages_that_python_knows() -> None:
    known = {package.name.lower().replace("_", "-") for package in distributions()}

    found = {line.split("==")[0].split(" @")[0] for line in installed_packages()}
    assert {name.lower().replace("_", "-") for name in found} == known
