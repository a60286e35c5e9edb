"""Recordings in a bucket; apart from those on disk, which need none of its libraries."""

from __future__ import annotations

from collections.abc import Iterator

from storages.backends.s3 import S3Storage

from conferences.recordings.storage import chunks


class InBucket(S3Storage):
    """Objects of an S3-compatible bucket that only we may read: nobody is given its addresses."""

    def chunks_between(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes of the object from `start` up to `stop`.

        Asked from the bucket as a range: the storage's own files would fetch the whole object.
        Raises botocore's ClientError.
        """
        stored = self.bucket.Object(self._normalize_name(name))
        return chunks(stored.get(Range=f"bytes={start}-{stop - 1}")["Body"], stop - start)
