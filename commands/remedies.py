"""What a disk or the system refused a command, in one line, with what to do next."""

from __future__ import annotations

import errno

ROOM = "make room on that disk, then run it again"
OWNER = "run it as the user whose files these are, or name another place"
MOUNT = "that disk is read-only: mount it for writing, then run it again"
DISK = "the disk fails or a file is damaged: stop the service, keep the data folder aside, put the last good copy back"

AFTER = {
    errno.ENOSPC: ROOM, errno.EDQUOT: ROOM, errno.EFBIG: ROOM,
    errno.EACCES: OWNER, errno.EPERM: OWNER, errno.EROFS: MOUNT, errno.EIO: DISK,
    errno.ENOENT: "look at the name; a folder has to be there first",
    errno.ENOTDIR: "look at the name; part of it is no folder", errno.EISDIR: "name a file in it",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "allow it more open files (ulimit -n), then run it again",
    errno.ENFILE: "the whole system has no more open files to give: end what is not needed, then run it again",
    errno.ENOMEM: "end what is not needed, then run it again",
}  # fmt: skip
SAID = {  # by what SQLite says
    "database or disk is full": ROOM,
    "readonly database": "the library's file cannot be written: " + OWNER,
    "unable to open database file": "look at SHUXIN_DATA, and " + OWNER,
    "database is locked": "another command writes: wait until it has ended, then run it again",
    "at work on the index": "wait until it has ended, then run it again",
    "disk I/O error": DISK,
    "malformed": DISK,
    "not a database": DISK,
    "newer version of 书信": "start the newer one, or put back the copy of the data from before the upgrade",
}


def told(error: Exception) -> str:
    """The error in one line, and after a semicolon what to do about it, where that is known."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror + (f": {str(error.filename)!r}" if error.filename is not None else "")
        remedy = AFTER.get(error.errno or 0, "")
    else:
        remedy = next((todo for said, todo in SAID.items() if said in text), "")
    return f"{text}; {remedy}" if remedy else text
