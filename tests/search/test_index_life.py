"""The index over time: changed, rebuilt, damaged, written by several at once."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.document import Document
from search.errors import IndexBusy, IndexDamaged, IndexMissing
from search.index import FORMAT, Index, rebuild
from search.locks import holding
from search.storage import MappedFile, MappedStorage

ROOT = Path(__file__).parents[2]


def book(number: int, title: str = "", revision: int = 0) -> Document:
    """A title that no other number has."""
    return Document(number, title or f"第{number}号书", revision=revision or number)


def found(index: Index, text: str) -> list[int]:
    """Ids of the close answers."""
    results = index.search(text)
    return [] if results.near else [hit.id for hit in results.hits]


@pytest.fixture
def living(tmp_path: Path) -> Index:
    """Three books."""
    return rebuild(tmp_path / "index", [book(1, "围城"), book(2, "活着"), book(3, "边城")])


def test_a_changed_title_is_found_under_its_new_name_only(living: Index, tmp_path: Path) -> None:
    living.update([book(2, "兄弟", revision=8)])
    assert found(living, "兄弟") == [2]
    assert found(living, "活着") == []
    assert (living.count, living.revision) == (3, 8)
    again = Index.open(tmp_path / "index")
    assert (again.count, again.revision, found(again, "兄弟")) == (3, 8, [2])


def test_a_withdrawn_title_is_gone_and_the_rest_stays(living: Index) -> None:
    living.update([], withdrawn=[1], revision=9)
    assert found(living, "围城") == []
    assert found(living, "边城") == [3]
    assert (living.count, living.revision) == (2, 9)


def test_the_revision_never_goes_back(living: Index) -> None:
    living.update([book(1, "围城", revision=50)])
    living.update([book(2, "活着", revision=4)])
    living.update([], withdrawn=[1])
    assert living.revision == 50


def test_one_update_may_name_a_title_twice_and_the_last_word_counts(living: Index) -> None:
    living.update([book(4, "秦腔"), book(4, "废都")], withdrawn=[77])
    assert found(living, "废都") == [4]
    assert found(living, "秦腔") == []
    assert living.count == 4


def test_an_update_that_fails_changes_nothing_and_lets_the_next_one_in(living: Index) -> None:
    with pytest.raises(TypeError):
        living.update([book(4, "呐喊"), Document(5, "彷徨", authors=(None,))], withdrawn=[1])  # type: ignore[arg-type]
    assert (found(living, "围城"), living.count) == ([1], 3)
    living.update([book(4, "呐喊")])
    assert found(living, "呐喊") == [4]


def test_another_reader_sees_a_commit_after_refresh(living: Index, tmp_path: Path) -> None:
    other = Index.open(tmp_path / "index")
    assert other.refresh() is False
    living.update([book(4, "呐喊")])
    assert found(other, "呐喊") == []
    assert other.refresh() is True
    assert found(other, "呐喊") == [4]
    assert other.refresh() is False


def test_many_small_updates_stay_whole_while_segments_are_merged(living: Index) -> None:
    for number in range(10, 60):
        living.update([book(number)], withdrawn=[number - 5] if number % 2 else [])
    expected = {1, 2, 3} | {number for number in range(10, 60) if number % 2 or number > 54}
    assert living.count == len(expected)
    assert all(found(living, f"第{number}号书")[:1] == [number] for number in expected - {1, 2, 3})


def test_titles_that_come_and_go_leave_nothing_behind(tmp_path: Path) -> None:
    """Segments with nothing alive in them were once merged into one without columns, which could not be read."""
    shelf = [book(1, "围城"), book(2, "活着"), book(3, "边城"), *(book(number) for number in range(100, 300))]
    living = rebuild(tmp_path / "index", shelf)
    for number in range(10, 22):
        living.update([book(number, f"路过{number}")])
        living.update([], withdrawn=[number], revision=1000 + number)
    assert [found(living, text) for text in ("围城", "活着", "边城", "路过21")] == [[1], [2], [3], []]
    assert (living.count, living.revision) == (203, 1021)
    living.update([], withdrawn=[document.id for document in shelf], revision=2000)
    assert (Index.open(tmp_path / "index").count, living.revision) == (0, 2000)
    living.update([book(3000, "围城")])
    assert (found(living, "围城"), living.count) == ([3000], 1)


def test_a_rebuild_replaces_everything_and_old_readers_follow(living: Index, tmp_path: Path) -> None:
    told: list[int] = []
    fresh = rebuild(tmp_path / "index", (book(number) for number in range(1, 2501)), told.append)
    assert told == [1000, 2000, 2500]
    assert fresh.count == 2500
    assert found(living, "围城") == [1]  # still the snapshot it holds, though the files are gone
    assert living.refresh() is True
    assert found(living, "围城") == []


def test_searching_goes_on_while_a_rebuild_runs(living: Index, tmp_path: Path) -> None:
    seen: list[list[int]] = []

    def slowly() -> Iterator[Document]:
        for number in range(1, 5):
            living.refresh()
            seen.append(found(living, "围城"))
            yield book(number)

    rebuild(tmp_path / "index", slowly())
    assert seen == [[1]] * 4


def test_a_rebuild_that_fails_leaves_the_old_index_whole(living: Index, tmp_path: Path) -> None:
    def broken() -> Iterator[Document]:
        yield book(9)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        rebuild(tmp_path / "index", broken())
    assert found(Index.open(tmp_path / "index"), "围城") == [1]
    builds = [file.name for file in (tmp_path / "index").glob("build-*")]
    assert len(builds) == 1, "half a build would keep a full disk full"


@pytest.mark.parametrize("step", ["search.writer.seal", "whoosh.index.TOC.write"])
def test_an_update_that_finds_no_room_leaves_none_of_its_files(
    living: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Tried again each second of a night, its leavings filled what the readers' own store still had."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = {file.name for file in (tmp_path / "index").rglob("*")}
    with monkeypatch.context() as disk:
        disk.setattr(step, full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                living.update([book(2, "兄弟", revision=8)])
    left = {file.name for file in (tmp_path / "index").rglob("*")} - before
    assert left <= {"write.lock", "MAIN_WRITELOCK"}
    assert (found(living, "活着"), found(Index.open(tmp_path / "index"), "活着")) == ([2], [2])
    living.update([book(2, "兄弟", revision=8)])
    assert found(living, "兄弟") == [2]


KILLED = """
import sys, time
from pathlib import Path
from search.document import Document
from search.index import rebuild
def slowly():
    for number in range(10_000):
        if number == 1500:
            print("half", flush=True)
            time.sleep(60)
        yield Document(number, f"半途{number}")
rebuild(Path(sys.argv[1]), slowly())
"""


def test_a_rebuild_killed_half_way_changes_nothing_and_is_tidied_up_next_time(living: Index, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path / "index"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    assert len(list((tmp_path / "index").glob("build-*"))) == 2
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert found(Index.open(tmp_path / "index"), "围城") == [1]
    assert rebuild(tmp_path / "index", [book(5, "秦腔")]).count == 1
    assert len(list((tmp_path / "index").glob("build-*"))) == 1


def test_without_an_index_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="build it"):
        Index.open(tmp_path / "nowhere")


def test_an_index_of_another_format_is_missing_and_not_misread(living: Index, tmp_path: Path) -> None:
    pointer = tmp_path / "index" / "current"
    pointer.write_text(pointer.read_text().replace(f" {FORMAT}", " 0"))
    with pytest.raises(IndexMissing, match="format"):
        Index.open(tmp_path / "index")


@pytest.mark.parametrize("harm", ["empty", "cut", "gone"])
@pytest.mark.parametrize("pattern", ["*.trm", "*.toc", "*.row.col", "*.pst", "../current"])
def test_a_damaged_index_says_so_and_can_be_rebuilt(living: Index, tmp_path: Path, pattern: str, harm: str) -> None:
    folder = tmp_path / "index"
    living.update([book(number, f"城{number}城") for number in range(10, 40)])
    files = [folder / "current"] if pattern == "../current" else list(folder.glob(f"build-*/{pattern}"))
    assert files
    for file in files:
        data = file.read_bytes()
        file.unlink()
        if harm != "gone":
            file.write_bytes(b"" if harm == "empty" else data[: len(data) // 2])
    with pytest.raises((IndexDamaged, IndexMissing)):
        Index.open(folder).search("城")
    assert found(rebuild(folder, [book(1, "围城")]), "围城") == [1]


def test_a_process_without_files_to_open_holds_no_index_for_damaged(
    living: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held for damaged it was built again, and the living build was cleared away as of no use."""
    folder = tmp_path / "index"
    (build,) = folder.glob("build-*")

    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as poor:
        poor.setattr(Path, "read_text", none_left)
        for try_it in (living.refresh, lambda: Index.open(folder), lambda: rebuild(folder, [book(4)])):
            with pytest.raises(OSError, match="Too many open files"):
                try_it()
    rebuild(tmp_path / "other", [book(1)])
    with monkeypatch.context() as poor:
        poor.setattr("search.index._index", none_left)
        with pytest.raises(OSError, match="Too many open files"):
            Index.open(folder)
    assert build.exists() and found(living, "围城") == [1] and not living.refresh()


def test_a_flipped_byte_anywhere_is_noticed_or_harmless(living: Index, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    living.update([book(number, f"城{number}城") for number in range(10, 40)], withdrawn=[2])
    asked = ("围城", "活着", "城", "第3号书", "biancheng")
    before, noticed = [found(living, text) for text in asked], 0
    files = [file for file in folder.glob("build-*/*") if file.stat().st_size]
    for file in files:
        data = file.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 12)):
            file.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
            try:
                assert [found(Index.open(folder), text) for text in asked] == before
            except (IndexDamaged, IndexMissing):
                noticed += 1
        file.write_bytes(data)
    assert noticed > 12 * 5
    assert [found(Index.open(folder), text) for text in asked] == before


def test_two_threads_that_write_wait_for_each_other(living: Index, tmp_path: Path) -> None:
    indexes = [Index.open(tmp_path / "index") for _ in range(2)]

    def write(turn: int) -> None:
        for number in range(100 + turn, 120, 2):
            indexes[turn].update([book(number)])

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    living.refresh()
    assert living.count == 23
    assert living.revision == 119


WRITER = """
import sys
from pathlib import Path
from search.document import Document
from search.index import Index
index = Index.open(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 8):
    index.update([Document(number, f"第{number}号书", revision=number)])
"""


def test_two_processes_that_write_wait_for_each_other(living: Index, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "index")]
    children = [subprocess.Popen([*command, start], cwd=ROOT) for start in ("200", "300")]
    while any(child.poll() is None for child in children):
        living.refresh()
        assert found(living, "围城") == [1]
        time.sleep(0.005)
    assert [child.returncode for child in children] == [0, 0]
    living.refresh()
    assert (living.count, living.revision) == (19, 307)


def test_a_commit_between_the_two_looks_of_a_refresh_is_seen(
    living: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, as_it_is = Index.open(tmp_path / "index"), MappedStorage.open_file

    def after_a_commit(storage: MappedStorage, name: str) -> MappedFile:
        monkeypatch.undo()
        other.update([book(9, "兄弟")])  # which tidies away the very list that is to be opened
        return as_it_is(storage, name)

    monkeypatch.setattr(MappedStorage, "open_file", after_a_commit)
    assert living.refresh()
    assert found(living, "兄弟") == [9]


def test_threads_search_while_one_writes(living: Index) -> None:
    done = threading.Event()

    def read(text: str, wanted: list[int]) -> int:
        right = 0
        while not done.is_set():
            assert found(living, text) == wanted
            right += 1
            done.wait(0.001)
        return right

    with ThreadPoolExecutor(3) as pool:
        readers = [
            pool.submit(read, text, wanted) for text, wanted in (("围城", [1]), ("活着", [2]), ("biancheng", [3]))
        ]
        for number in range(400, 406):
            living.update([book(number)])
        done.set()
        assert all(reader.result() > 0 for reader in readers)


def test_a_second_rebuild_at_the_same_time_is_refused(living: Index, tmp_path: Path) -> None:
    with holding(tmp_path / "index", "build", 0), pytest.raises(IndexBusy):
        rebuild(tmp_path / "index", [book(1)])


def test_a_process_that_seeds_random_can_still_commit(living: Index) -> None:
    """Whoosh draws segment names from `random`: the same seed twice gave the same name and broke the commit."""
    for number in (20, 21, 22):
        random.seed(1)
        living.update([book(number)])
    random.seed(os.urandom(8))
    assert living.count == 6
