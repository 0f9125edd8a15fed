"""Uploads are named by their content, kept whole or not at all."""

from __future__ import annotations

import gc
import hashlib
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.uploads import Uploads
from tests.processes import answer, started

CHILDREN = ("-m", "tests.history.upload_children")


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


@given(pieces=st.lists(st.binary(max_size=50), max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_streams_and_pieces_of_the_same_content_are_the_same_file(uploads: Uploads, pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    name = hashlib.sha256(content).hexdigest()
    assert uploads.save(content) == uploads.save(io.BytesIO(content)) == uploads.save(iter(pieces)) == name
    assert uploads.path(name).read_bytes() == content


def test_a_file_larger_than_one_piece_is_kept_whole(uploads: Uploads) -> None:
    content = bytes(range(256)) * 12_000
    assert uploads.path(uploads.save(content)).read_bytes() == content
    assert uploads.path(uploads.save(io.BytesIO(content))).read_bytes() == content


def test_an_upload_that_breaks_off_leaves_nothing(uploads: Uploads, tmp_path: Path) -> None:
    def pieces() -> object:
        yield b"the first half"
        raise ConnectionResetError("the browser is gone")

    with pytest.raises(ConnectionResetError):
        uploads.save(pieces())  # type: ignore[arg-type]  # an object is enough for what it yields
    assert list((tmp_path / "uploads").iterdir()) == []


def test_of_a_file_that_nobody_holds_any_more_nothing_stays(uploads: Uploads, tmp_path: Path) -> None:
    writer = uploads.begin()
    writer.write(b"rows")
    assert len(list((tmp_path / "uploads").iterdir())) == 1
    del writer
    gc.collect()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_deleted_file_is_gone_and_deleting_it_again_does_no_harm(uploads: Uploads) -> None:
    name = uploads.save(b"rows")
    uploads.delete(name)
    uploads.delete(name)
    with pytest.raises(NotFound, match="upload it again"):
        uploads.path(name)


@pytest.mark.parametrize("name", ["", "../history.db", "A" * 64, "a" * 63, "a" * 64 + "\n", "/etc/passwd"])
def test_only_names_of_uploads_reach_the_disk(uploads: Uploads, name: str, tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("not yours")
    with pytest.raises(NotFound):
        uploads.path(name)
    with pytest.raises(NotFound):
        uploads.delete(name)
    assert (tmp_path / "history.db").exists()


def test_files_are_listed_by_their_age(uploads: Uploads, tmp_path: Path) -> None:
    name = uploads.save(b"rows")
    (tmp_path / "uploads" / "notes.txt").write_text("not an upload")
    came = uploads.path(name).stat().st_mtime
    assert uploads.kept(until=came + 1) == (name,)
    assert uploads.kept(until=came - 1) == ()
    assert Uploads(tmp_path / "nowhere").kept(until=time.time()) == ()


def test_a_killed_process_leaves_nothing_that_counts_and_its_half_is_swept(uploads: Uploads, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    with started(*CHILDREN, "receive_half", folder) as child:
        assert answer(child) == "received"
        uploads.sweep()
        assert len(list(folder.iterdir())) == 1, "what a living process receives must stay"
        child.kill()
        child.wait()
    assert uploads.kept(until=float("inf")) == ()
    assert len(list(folder.iterdir())) == 1
    uploads.sweep()
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_leaves_nothing(uploads: Uploads, tmp_path: Path) -> None:
    with started(*CHILDREN, "save_on_full_disk", tmp_path / "uploads") as child:
        said, _ = child.communicate()
    assert said.strip() == (
        "The uploaded file could not be kept in the data folder: the file would be larger than the system allows."
    )
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    with pytest.raises(StoreFailed, match="The uploaded file could not be kept"):
        Uploads(tmp_path / "uploads").save(b"rows")
