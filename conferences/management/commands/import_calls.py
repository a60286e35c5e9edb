"""`manage.py import_calls`: the bridges' call records come in."""

import datetime as dt
import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone
from tqdm import tqdm

from conferences.records import formats
from conferences.records.origin import Origin, SettingsMissing, master_rows
from conferences.services.call_files import assemble_legs, take_in_files


class Command(BaseCommand):
    help = (
        "Take in call records: FreeSWITCH's conference CDRs (XML) and its reports of channels "
        "(JSON), Asterisk's channel events (JSON lines) and Master.csv, and tables (CSV). Every "
        "record is accepted, a duplicate, or quarantined with its reason; a file may come again. "
        "See docs/call-records.md."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of files"
        )
        parser.add_argument(
            "--bridge", default="", help="the Asterisk bridge that wrote them: its files do not say"
        )
        parser.add_argument(
            "--cdr-conf",
            type=Path,
            metavar="FILE",
            help="a copy of that bridge's cdr.conf, to read its Master.csv by",
        )
        parser.add_argument(
            "--settle",
            default=0,
            type=int,
            metavar="SECONDS",
            help="leave calls of which events came within so many seconds; more of them may come",
        )

    def handle(self, *, paths, bridge, cdr_conf, settle, **options):
        try:
            master = cdr_conf and master_rows(
                cdr_conf.read_text(encoding="utf-8", errors="replace")
            )
            origin = Origin(bridge=bridge, master=master)
            files = [file for path in paths for file in files_of(path)]
            size = sum(file.stat().st_size for file in files)
            with tqdm(total=size, unit="B", unit_scale=True, disable=None) as bar:
                total = take_in_files(files, now=timezone.now(), told=bar.update, origin=origin)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        except SettingsMissing as missing:
            raise CommandError(f"{cdr_conf}: {missing}") from missing
        settled_after = dt.timedelta(seconds=settle)
        legs = assemble_legs(now=timezone.now(), settled_after=settled_after)
        self.report(len(files), total, legs)
        for path in sorted(left_out(paths, files)):
            self.stdout.write(self.style.WARNING(f"Left out, not a call file by its name: {path}"))

    def report(self, files, total, legs):
        self.stdout.write(
            f"{total.records} records in {files} file{pluralize(files)}: "
            f"{total.accepted} accepted + {total.duplicates} duplicates "
            f"+ {total.quarantined} quarantined."
        )
        self.stdout.write(
            f"Beside them: {total.recording_nodes} recordings and "
            f"{total.rejected_attempts} rejected attempts."
        )
        if total.other_calls:
            self.stdout.write(f"{total.other_calls} rows are of calls that met no conference.")
        if legs.records:
            self.stdout.write(
                f"{legs.records} legs came of channel events: {legs.accepted} accepted "
                f"+ {legs.duplicates} duplicates + {legs.quarantined} quarantined."
            )
        quarantined = total.quarantined + legs.quarantined
        if quarantined:
            self.stdout.write(
                self.style.WARNING(
                    f"{quarantined} records wait in quarantine, each with its reason: "
                    "see Quarantine under /staff/."
                )
            )


def left_out(paths, files):
    """Return the files of the folders among `paths` that are not among `files`."""
    below = (file for path in paths if path.is_dir() for file in path.rglob("*"))
    return {file for file in below if file.is_file()}.difference(files)


def files_of(path):
    """Return `path`, or the call files below it if it is a folder. Raises OSError."""
    if not path.is_dir():
        path.open("rb").close()
        return [path]
    os.scandir(path).close()
    found = [file for file in path.rglob("*") if file.suffix.lower() in formats.SUFFIXES]
    return sorted(file for file in found if file.is_file())
